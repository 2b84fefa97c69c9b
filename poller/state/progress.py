"""How far the lanes are, what the installation is called, and which runs there were."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from poller.ports import Commit
from poller.state import outbox
from poller.state.schema import checkpoint, meta, run
from poller.state.statements import insert_new, insert_numbered, upsert

_RUNS_KEPT = 1_000
"""A catch-up every minute starts half a million runs a year; a day of them is enough to look back on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A watermark made durable, and when."""

    lane: str
    feed: str
    mark: str
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneProgress:
    """Where a lane stands: its checkpoints, the last time one moved, and what it has waiting or buried."""

    lane: str
    feeds: int
    updated_at: datetime | None
    pending: int
    buried: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One start of a door; `finished_at` is None while it runs, and stays so if it was killed."""

    id: int
    door: str
    lane: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    detail: str | None


def meta_value(connection: Connection, name: str) -> str | None:
    """A named value."""
    return connection.scalar(select(meta.c.value).where(meta.c.name == name))


def set_meta(connection: Connection, name: str, value: str) -> None:
    """Set it."""
    connection.execute(upsert(meta, "value"), {"name": name, "value": value})


def claim_meta(connection: Connection, name: str, value: str) -> str:
    """Set it unless it is set; return the one that holds."""
    connection.execute(insert_new(meta), {"name": name, "value": value})
    holds: str = connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar_one()
    return holds


def marks(connection: Connection, lane: str) -> Mapping[str, str]:
    """A lane's watermarks by feed."""
    rows = connection.execute(select(checkpoint.c.feed, checkpoint.c.mark).where(checkpoint.c.lane == lane))
    return dict(rows.all())


def set_marks(connection: Connection, commit: Commit) -> None:
    """Store a page's watermarks."""
    rows = [
        {"lane": commit.lane, "feed": feed, "mark": mark, "updated_at": commit.at}
        for feed, mark in commit.marks.items()
    ]
    if rows:
        connection.execute(upsert(checkpoint, "mark", "updated_at"), rows)


def reset_mark(connection: Connection, lane: str, feed: str) -> bool:
    """Forget a watermark; whether there was one."""
    gone = connection.execute(delete(checkpoint).where(checkpoint.c.lane == lane, checkpoint.c.feed == feed))
    return gone.rowcount > 0


def checkpoints(connection: Connection) -> Sequence[Checkpoint]:
    """All of them, by lane and feed."""
    rows = connection.execute(select(checkpoint).order_by(checkpoint.c.lane, checkpoint.c.feed)).mappings()
    return [Checkpoint(**row) for row in rows]


def lane_progress(connection: Connection) -> Sequence[LaneProgress]:
    """Every lane that has a checkpoint or a message, live first."""
    pending = outbox.counts(connection, outbox.PENDING)
    buried = outbox.counts(connection, outbox.BURIED)
    grouped = select(checkpoint.c.lane, func.count(), func.max(checkpoint.c.updated_at)).group_by(checkpoint.c.lane)
    marked = {lane: (feeds, moved) for lane, feeds, moved in connection.execute(grouped)}
    names = sorted({*pending, *buried, *marked}, key=lambda lane: (lane != outbox.LIVE, lane))
    return [
        LaneProgress(
            lane=lane,
            feeds=marked.get(lane, (0, None))[0],
            updated_at=marked.get(lane, (0, None))[1],
            pending=pending.get(lane, 0),
            buried=buried.get(lane, 0),
            oldest_at=outbox.oldest_at(connection, [lane]),
        )
        for lane in names
    ]


def begin_run(connection: Connection, door: str, *, lane: str, at: datetime) -> int:
    """Note that a door was opened, and forget the oldest notes."""
    number = insert_numbered(connection, insert(run).values(door=door, lane=lane, started_at=at))
    connection.execute(delete(run).where(run.c.id <= number - _RUNS_KEPT))
    return number


def end_run(connection: Connection, number: int, *, outcome: str, detail: str, at: datetime) -> None:
    """Note how it ended."""
    connection.execute(update(run).where(run.c.id == number).values(outcome=outcome, detail=detail, finished_at=at))


def runs(connection: Connection, limit: int) -> Sequence[Run]:
    """The latest, newest first."""
    return [Run(**row) for row in connection.execute(select(run).order_by(run.c.id.desc()).limit(limit)).mappings()]
