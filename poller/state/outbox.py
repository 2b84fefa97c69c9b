"""The outbox: messages on their way, dead letters, and the ids of what the operator dropped."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, CursorResult, Table, Update, delete, func, insert, select, update

from poller.core.shops import ShopSet
from poller.ports import Buried, Commit, OutboxSize, Outgoing, Pending
from poller.state import tally
from poller.state.schema import ledger, outbox
from poller.state.schema import suppressed as suppressed_table
from poller.state.statements import chunks

LIVE: Final = "live"
PENDING: Final = "pending"
BURIED: Final = "buried"
DROPPED: Final = "dropped"


def known(connection: Connection, message_ids: Sequence[UUID]) -> set[UUID]:
    """Those already in the outbox, in whatever status, or in the ledger."""
    return _found(connection, message_ids, (outbox, ledger))


def held(connection: Connection, message_ids: Sequence[UUID]) -> set[UUID]:
    """Those in the outbox, in whatever status."""
    return _found(connection, message_ids, (outbox,))


def _found(connection: Connection, message_ids: Sequence[UUID], tables: Sequence[Table]) -> set[UUID]:
    found: set[UUID] = set()
    for some in chunks(message_ids):
        for table in tables:
            found.update(connection.scalars(select(table.c.message_id).where(table.c.message_id.in_(some))))
    return found


def admit(connection: Connection, commit: Commit, *, is_again: bool = False) -> int:
    """Put in the messages that are new and whose customer may be spoken of; returns how many.

    Of what is sent again, those in the ledger are as good as new.
    """
    offered: dict[UUID, Outgoing] = {}
    for message in commit.outgoing:
        offered.setdefault(message.message_id, message)
    silent = _silent(connection, [m.customer_id for m in offered.values() if m.customer_id is not None])
    for message_id in (held if is_again else known)(connection, list(offered)):
        del offered[message_id]
    rows = [_row(message, commit) for message in offered.values() if message.customer_id not in silent]
    if rows:
        connection.execute(insert(outbox), rows)
    return len(rows)


def _silent(connection: Connection, customer_ids: Sequence[int]) -> set[int]:
    column = suppressed_table.c.customer_id
    asked = chunks(sorted(set(customer_ids)))
    return set(chain.from_iterable(connection.scalars(select(column).where(column.in_(some))) for some in asked))


def _row(message: Outgoing, commit: Commit) -> dict[str, object]:
    return {
        "message_id": message.message_id,
        "lane": commit.lane,
        "name": message.name,
        "thing": message.thing,
        "key": message.key,
        "customer_id": message.customer_id,
        "occurred_at": message.occurred_at,
        "created_at": commit.at,
        "bytes": len(message.text.encode()),
        "amount_minor": message.amount_minor,
        "currency": message.currency,
        "status": PENDING,
        "shop_id": message.shop_id,
        "text": message.text,
    }


def purge(connection: Connection, customer_ids: Sequence[int]) -> None:
    """Remove what waits or lies buried about those customers."""
    for some in chunks(customer_ids):
        connection.execute(delete(outbox).where(outbox.c.customer_id.in_(some), outbox.c.status.in_([PENDING, BURIED])))


def next_batch(connection: Connection, *, limit: int, max_bytes: int, shops: ShopSet) -> Sequence[Pending]:
    """Of those shops: the live lane first, then the others, oldest first; under `max_bytes` of text, at least one."""
    chosen: list[int] = []
    total = 0
    for seq, size in _waiting(connection, limit, shops):
        total += size
        if chosen and total >= max_bytes:
            break
        chosen.append(seq)
    fields = tuple(Pending.__dataclass_fields__)
    statement = select(*(outbox.c[field] for field in fields))
    rows = {
        row[0]: Pending(**dict(zip(fields, row, strict=True)))
        for some in chunks(chosen)
        for row in connection.execute(statement.where(outbox.c.seq.in_(some)))
    }
    return [rows[seq] for seq in chosen]


def _waiting(connection: Connection, limit: int, shops: ShopSet) -> Sequence[tuple[int, int]]:
    """Sequence numbers and sizes, without the texts: a full batch of the largest messages would be 16 MB."""
    first = _head(connection, LIVE, limit, shops)
    left = limit - len(first)
    if not left:
        return first
    rest = (_head(connection, lane, left, shops) for lane in lanes(connection, PENDING) if lane != LIVE)
    return [*first, *sorted(chain.from_iterable(rest))[:left]]


def _head(connection: Connection, lane: str, limit: int, shops: ShopSet) -> list[tuple[int, int]]:
    """The oldest of a lane: each shop's own oldest, merged, so that another's backlog is not read."""
    found = [_head_of(connection, lane, shop, limit) for shop in _shops(connection, lane) if shops.holds(shop)]
    return found[0] if len(found) == 1 else sorted(chain.from_iterable(found))[:limit]


def _head_of(connection: Connection, lane: str, shop_id: int, limit: int) -> list[tuple[int, int]]:
    statement = (
        select(outbox.c.seq, outbox.c.bytes)
        .where(outbox.c.status == PENDING, outbox.c.lane == lane, outbox.c.shop_id == shop_id)
        .order_by(outbox.c.seq)
        .limit(limit)
    )
    return [(seq, size) for seq, size in connection.execute(statement)]


def _shops(connection: Connection, lane: str) -> Iterator[int]:
    """The shops that a lane holds pending messages of: one seek in the index each."""
    of_lane = select(func.min(outbox.c.shop_id)).where(outbox.c.status == PENDING, outbox.c.lane == lane)
    found = connection.scalar(of_lane)
    while found is not None:
        yield found
        found = connection.scalar(of_lane.where(outbox.c.shop_id > found))


def lanes(connection: Connection, status: str) -> Iterator[str]:
    """The lanes that hold messages of a status: one seek in the index each, however many messages there are."""
    lane = ""
    while True:
        following = select(func.min(outbox.c.lane)).where(outbox.c.status == status, outbox.c.lane > lane)
        found = connection.scalar(following)
        if found is None:
            return
        lane = found
        yield lane


def bury(connection: Connection, message_id: UUID, *, reason: str, at: datetime) -> None:
    """Make a waiting message a dead letter; one that was purged meanwhile stays gone."""
    waiting = outbox.c.message_id == message_id, outbox.c.status == PENDING
    name = connection.scalar(select(outbox.c.name).where(*waiting))
    if name is not None:
        connection.execute(update(outbox).where(*waiting).values(status=BURIED, reason=reason, buried_at=at))
        tally.count(connection, "buried", [name], at=at)


def dead_letters(connection: Connection, limit: int, seqs: Sequence[int] | None) -> Sequence[Buried]:
    """Dead letters, oldest first; those of `seqs` only, if given."""
    columns = [outbox.c[field] for field in Buried.__dataclass_fields__]
    statement = select(*columns).where(outbox.c.status == BURIED).order_by(outbox.c.seq).limit(limit)
    if seqs is not None:
        statement = statement.where(outbox.c.seq.in_(seqs))
    return [Buried(**row) for row in connection.execute(statement).mappings()]


def replay(connection: Connection, seqs: Sequence[int] | None) -> int:
    """Let dead letters wait for delivery again, all of them if none is named; returns how many."""
    statement = update(outbox).values(status=PENDING, reason=None, buried_at=None)
    return _change_buried(connection, statement, seqs)


def drop(connection: Connection, seqs: Sequence[int]) -> int:
    """Give up dead letters: the text goes, the id stays, so that it is never sent again; returns how many."""
    return _change_buried(connection, update(outbox).values(status=DROPPED, text="", bytes=0), seqs)


def _change_buried(connection: Connection, statement: Update, seqs: Sequence[int] | None) -> int:
    statement = statement.where(outbox.c.status == BURIED)
    parts = [statement] if seqs is None else [statement.where(outbox.c.seq.in_(some)) for some in chunks(seqs)]
    results: list[CursorResult[tuple[()]]] = [connection.execute(part) for part in parts]
    return sum(result.rowcount for result in results)


def size(connection: Connection) -> OutboxSize:
    """Count it, on the index alone."""
    by_lane = counts(connection, PENDING)
    return OutboxSize(
        pending=sum(by_lane.values()),
        buried=sum(counts(connection, BURIED).values()),
        oldest_at=oldest_at(connection, list(by_lane)),
        by_lane=by_lane,
    )


def oldest_at(connection: Connection, lanes_asked: Sequence[str]) -> datetime | None:
    """When the message that waits longest in those lanes came in."""
    heads = [seq for lane in lanes_asked for seq, _ in _head(connection, lane, 1, ShopSet())]
    return connection.scalar(select(outbox.c.created_at).where(outbox.c.seq == min(heads, default=0)))


def counts(connection: Connection, status: str) -> dict[str, int]:
    """Messages of a status by lane."""
    statement = select(outbox.c.lane, func.count()).where(outbox.c.status == status).group_by(outbox.c.lane)
    return dict(connection.execute(statement).all())


def counts_by_shop(connection: Connection) -> dict[int, int]:
    """Waiting messages by shop."""
    found: dict[int, int] = {}
    for lane in lanes(connection, PENDING):
        for shop_id in _shops(connection, lane):
            of_shop = (outbox.c.status == PENDING, outbox.c.lane == lane, outbox.c.shop_id == shop_id)
            waiting = connection.scalar(select(func.count()).where(*of_shop)) or 0
            found[shop_id] = found.get(shop_id, 0) + waiting
    return found
