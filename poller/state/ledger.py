"""The ledger: what was delivered, one short row each, for ever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    delete,
    func,
    insert,
    literal,
    select,
    type_coerce,
)

from poller.ports import Pending
from poller.state import tally
from poller.state.columns import from_seconds, seconds
from poller.state.schema import ledger, name, outbox
from poller.state.statements import chunks, insert_new, insert_numbered, upsert

_DAY_SECONDS = 86_400
_MICROSECONDS = 1_000_000
_FIELDS = [column.name for column in ledger.c]


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
    for some in chunks(batch):
        among = outbox.c.message_id.in_([message.message_id for message in some])
        held = set(connection.scalars(select(outbox.c.message_id).where(among)))
        connection.execute(upsert(ledger, "delivered").from_select(_FIELDS, _entries(at).where(among)))
        connection.execute(delete(outbox).where(among))
        strangers = [message for message in some if message.message_id not in held]
        fresh += [message.name for message in some if message.message_id in held]
        fresh += _enter(connection, strangers, names=names, at=at) if strangers else []
    tally.count(connection, "delivered", fresh, at=at)


def _entries(at: datetime) -> Select[tuple[object, ...]]:
    """Rows of the outbox as rows of the ledger: they need not leave the database for it.

    Picked by their ids they come in the order of those, in which neighbours share pages.
    """
    name_id = select(name.c.id).where(name.c.thing == outbox.c.thing, name.c.name == outbox.c.name).scalar_subquery()
    occurred = type_coerce(outbox.c.occurred_at, BigInteger) // _MICROSECONDS
    amount = outbox.c.amount_minor, outbox.c.currency
    return select(outbox.c.message_id, name_id, outbox.c.key, occurred, *amount, literal(seconds(at)))


def _enter(
    connection: Connection, batch: Sequence[Pending], *, names: Mapping[tuple[str, str], int], at: datetime
) -> list[str]:
    """Enter messages that the outbox no longer holds; the names of those that are new."""
    ids = [message.message_id for message in batch]
    known = set(connection.scalars(select(ledger.c.message_id).where(ledger.c.message_id.in_(ids))))
    rows = [
        {
            "message_id": message.message_id,
            "name_id": names[message.thing, message.name],
            "key": message.key,
            "occurred": seconds(message.created_at),
            "delivered": seconds(at),
        }
        for message in batch
    ]
    connection.execute(insert_new(ledger), rows)
    return [message.name for message in batch if message.message_id not in known]


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
