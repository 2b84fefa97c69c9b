"""What things looked like when they were last derived."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from poller.ports import Memory, Remembered, Thing
from poller.state.schema import memory
from poller.state.statements import chunks, upsert


def recall(connection: Connection, things: Sequence[Thing]) -> Mapping[Thing, Remembered]:
    """The memories of those things that have one."""
    keys: dict[str, list[int]] = defaultdict(list)
    for thing, key in things:
        keys[thing].append(key)
    found: dict[Thing, Remembered] = {}
    for thing, wanted in keys.items():
        for some in chunks(wanted):
            statement = select(memory.c.key, memory.c.body, memory.c.digest)
            rows = connection.execute(statement.where(memory.c.thing == thing, memory.c.key.in_(some)))
            found.update({(thing, key): Remembered(body, digest) for key, body, digest in rows})
    return found


def remember(connection: Connection, memories: Sequence[Memory]) -> None:
    """Store memories; one without a digest keeps the digest that is there."""
    if memories:
        rows = [{field: getattr(m, field) for field in Memory.__dataclass_fields__} for m in memories]
        connection.execute(upsert(memory, "body", "again", "touched_at", kept_for_null=["digest"]), rows)


def forget(connection: Connection, things: Sequence[Thing]) -> None:
    """Leave nothing of those things."""
    for kind in sorted({thing for thing, _ in things}):
        for some in chunks([key for thing, key in things if thing == kind]):
            connection.execute(delete(memory).where(memory.c.thing == kind, memory.c.key.in_(some)))


def due(connection: Connection, now: datetime, limit: int) -> Sequence[Thing]:
    """Things that asked to be looked at again by now, longest waiting first."""
    statement = (
        select(memory.c.thing, memory.c.key)
        .where(memory.c.again <= now)
        .order_by(memory.c.again, memory.c.thing, memory.c.key)
        .limit(limit)
    )
    return [(thing, key) for thing, key in connection.execute(statement)]


def waiting(connection: Connection, thing: str) -> int:
    """How many things of a kind asked to be looked at again."""
    statement = select(func.count()).where(memory.c.thing == thing, memory.c.again.is_not(None))
    return connection.scalar(statement) or 0


def lately(connection: Connection, thing: str, limit: int) -> Sequence[int]:
    """Keys of the things touched last, newest first."""
    statement = (
        select(memory.c.key)
        .where(memory.c.thing == thing)
        .order_by(memory.c.touched_at.desc(), memory.c.key.desc())
        .limit(limit)
    )
    return connection.scalars(statement).all()


def remembered(connection: Connection, thing: str, *, after: int, limit: int) -> Sequence[int]:
    """Keys above `after` of the things of a kind that have a memory, in order."""
    statement = select(memory.c.key).where(memory.c.thing == thing, memory.c.key > after)
    return connection.scalars(statement.order_by(memory.c.key).limit(limit)).all()
