"""The ledger: what was delivered, one short row each, for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select

from poller.ports import Pending
from poller.state import tally
from poller.state.columns import from_seconds, seconds
from poller.state.schema import ledger, name, outbox
from poller.state.statements import chunks, insert_new, insert_numbered, upsert

_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerTotal:
    """What was delivered under one name for one UTC day of the facts: how many, and their money in minor units."""

    day: date
    name: str
    currency: str | None
    events: int
    amount_minor: int


def settle(connection: Connection, batch: Sequence[Pending], at: datetime) -> None:
    """Move messages from the outbox to the ledger. What was purged while under way is entered too: it was sent.

    Of what was sent again, the ledger has the last time.
    """
    names = _name_ids(connection, batch)
    fresh: list[str] = []
    # In order of their ids, neighbours share pages.
    for some in chunks(sorted(batch, key=lambda message: message.message_id.bytes)):
        ids = [message.message_id for message in some]
        columns = (outbox.c.message_id, outbox.c.occurred_at, outbox.c.amount_minor, outbox.c.currency)
        held = {row.message_id: row for row in connection.execute(select(*columns).where(outbox.c.message_id.in_(ids)))}
        rows = []
        for message in some:
            row = held.get(message.message_id)
            rows.append(
                {
                    "message_id": message.message_id,
                    "name_id": names[message.thing, message.name],
                    "key": message.key,
                    "occurred": seconds(row.occurred_at if row else message.created_at),
                    "amount_minor": row.amount_minor if row else None,
                    "currency": row.currency if row else None,
                    "delivered": seconds(at),
                }
            )
        strangers = [message_id for message_id in ids if message_id not in held]
        entered = select(ledger.c.message_id).where(ledger.c.message_id.in_(strangers))
        known = set(connection.scalars(entered)) if strangers else set[UUID]()
        fresh += [message.name for message in some if message.message_id not in known]
        ours, others = ([row for row in rows if (row["message_id"] in held) == is_held] for is_held in (True, False))
        if ours:
            connection.execute(upsert(ledger, "delivered"), ours)
        if others:
            connection.execute(insert_new(ledger), others)
        connection.execute(delete(outbox).where(outbox.c.message_id.in_(ids)))
    tally.count(connection, "delivered", fresh, at=at)


def _name_ids(connection: Connection, batch: Sequence[Pending]) -> Mapping[tuple[str, str], int]:
    """A number for each kind of event: names repeat a million times."""
    known = {(row.thing, row.name): row.id for row in connection.execute(select(name))}
    for message in batch:
        if (message.thing, message.name) not in known:
            added = insert(name).values(thing=message.thing, name=message.name)
            known[message.thing, message.name] = insert_numbered(connection, added)
    return known


def counts(connection: Connection) -> Mapping[str, int]:
    """Delivered events by name."""
    statement = select(name.c.name, func.count()).join(ledger, ledger.c.name_id == name.c.id).group_by(name.c.name)
    return dict(connection.execute(statement).all())


def size(connection: Connection) -> int:
    """How many were delivered."""
    return connection.execute(select(func.count()).select_from(ledger)).scalar_one()


def totals(connection: Connection, *, since: date, until: date) -> Sequence[LedgerTotal]:
    """Delivered events whose facts happened on UTC days `since <= day < until`, by day, name and currency."""
    first, end = (seconds(datetime.combine(day, datetime.min.time(), UTC)) for day in (since, until))
    midnight = (ledger.c.occurred - ledger.c.occurred % _DAY_SECONDS).label("midnight")
    groups = (midnight, name.c.name, ledger.c.currency)
    statement = (
        select(*groups, func.count(), func.coalesce(func.sum(ledger.c.amount_minor), 0))
        .join(name, ledger.c.name_id == name.c.id)
        .where(ledger.c.occurred >= first, ledger.c.occurred < end)
        .group_by(*groups)
        .order_by(*groups)
    )
    return [
        LedgerTotal(
            day=from_seconds(start).date(), name=event, currency=currency, events=events, amount_minor=int(amount)
        )
        for start, event, currency, events, amount in connection.execute(statement)
    ]


def prune(connection: Connection, before: datetime) -> int:
    """Forget facts that happened before a moment; returns how many."""
    return connection.execute(delete(ledger).where(ledger.c.occurred < seconds(before))).rowcount
