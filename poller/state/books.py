"""The audit's view of the state store: all that was told, in the order of keys, and what explains a difference."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import BigInteger, Connection, String, Text, literal, null, select, union_all
from sqlalchemy import cast as sql_cast

from poller.core.marks import load_tail
from poller.core.policy import Window
from poller.core.watermarks import Watermark
from poller.engine.audit.books import Noted, Standing, Told
from poller.engine.pages import LIVE
from poller.engine.poll import START
from poller.state import ledger, progress
from poller.state.columns import from_seconds
from poller.state.schema import checkpoint, memory, name, outbox
from poller.state.schema import ledger as ledger_table
from poller.state.statements import chunks

_AT_A_TIME = 1_000
_BACKFILL = "backfill "
_REPLAY = "replay "


class StateBooks:
    """engine.audit.books.Books in one read transaction; not to be used after it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._marks = {feed: _tail(mark) for feed, mark in progress.marks(connection, LIVE).items()}
        self._windows = list(_windows(connection))

    def told(self, thing: str, names: Sequence[str]) -> Iterator[Told]:
        """Ledger and outbox together; sorted by SQLite, which does it on disk where they are large.

        What waits to be sent again is in the ledger already, and counts once.
        """
        wanted = (name.c.thing == thing, name.c.name.in_(names))
        delivered = (
            select(
                ledger_table.c.key,
                name.c.name,
                sql_cast(ledger_table.c.occurred * 1_000_000, BigInteger).label("occurred_at"),
                ledger_table.c.delivered,
                ledger_table.c.amount_minor,
                ledger_table.c.currency,
                literal("delivered").label("standing"),
                sql_cast(null(), Text).label("reason"),
            )
            .join(name, ledger_table.c.name_id == name.c.id)
            .where(*wanted)
        )
        waiting = select(
            outbox.c.key,
            outbox.c.name,
            sql_cast(outbox.c.occurred_at, BigInteger),
            sql_cast(null(), BigInteger),
            outbox.c.amount_minor,
            outbox.c.currency,
            sql_cast(outbox.c.status, String),
            outbox.c.reason,
        ).where(outbox.c.thing == thing, outbox.c.name.in_(names), outbox.c.lane.not_like(f"{_REPLAY}%"))
        every = union_all(delivered, waiting).order_by("key")
        rows = self._connection.execution_options(yield_per=_AT_A_TIME).execute(every)
        for key, event, occurred, at, amount, currency, standing, reason in rows:
            yield Told(
                name=event,
                key=key,
                occurred_at=from_seconds(occurred // 1_000_000),
                standing=cast("Standing", standing),
                amount_minor=amount,
                currency=currency,
                delivered_at=None if at is None else from_seconds(at),
                reason=reason or "",
            )

    def noted(self, order_ids: Sequence[int]) -> Mapping[int, Noted]:
        """What the orders' memories say of earlier totals and of facts without a row."""
        found: dict[int, Noted] = {}
        for some in chunks(order_ids):
            statement = select(memory.c.key, memory.c.body, memory.c.again)
            rows = self._connection.execute(statement.where(memory.c.thing == "order", memory.c.key.in_(some)))
            found.update({key: _noted(body, again) for key, body, again in rows})
        return found

    def windows(self, thing: str) -> Sequence[Window]:
        """The live lane's period, and those of backfills that reached their end."""
        return [window for things, window in self._windows if not things or thing in things]

    def was_read(self, feed: str, row_id: int) -> bool:
        """Whether the row lies below the feed's watermark, and in no gap."""
        mark = self._marks.get(feed)
        if mark is None or row_id > mark.seen:
            return False
        return not any(gap.first <= row_id <= gap.last for gap in mark.gaps)

    def counts(self) -> Mapping[str, int]:
        """Delivered messages by name."""
        return ledger.counts(self._connection)


def _tail(mark: str) -> Watermark | None:
    try:
        return load_tail(mark)
    except (KeyError, TypeError):
        return None


def _noted(body: str, again: datetime | None) -> Noted:
    kept: dict[str, Any] = json.loads(body) if body else {}
    states = [datetime.fromisoformat(at) for _, _, at, _ in kept.get("states", ())]
    refunds = [datetime.fromisoformat(at) for _, _, at in kept.get("refunds", ())]
    return Noted(
        totals=tuple(Decimal(total) for total in kept.get("was", ())),
        silent=(*states, *refunds),
        is_waiting=again is not None,
    )


def _windows(connection: Connection) -> Iterator[tuple[frozenset[str], Window]]:
    start = progress.meta_value(connection, START)
    if start:
        yield frozenset(), Window(datetime.fromisoformat(start))
    lanes: dict[str, list[str]] = {}
    for lane, mark in connection.execute(select(checkpoint.c.lane, checkpoint.c.mark)):
        lanes.setdefault(lane, []).append(mark)
    for lane, marks in lanes.items():
        if lane.startswith(_BACKFILL) and all(_is_done(mark) for mark in marks):
            _, since, until, only = lane.split(" ")
            things = frozenset() if only == "all" else frozenset(only.split(","))
            yield things, Window(datetime.fromisoformat(since), datetime.fromisoformat(until))


def _is_done(mark: str) -> bool:
    stretch = json.loads(mark)
    return bool(stretch["after"] >= stretch["end"])
