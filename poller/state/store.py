"""The state store: what survives a crash, one transaction a method."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from poller.core.shops import DEFAULT, EVERY_SHOP, Source
from poller.engine.explain import Fate
from poller.ports import Buried, Commit, Delivery, OutboxSize, Pending, Remembered, Thing
from poller.state import delivery as standing
from poller.state import fates, ledger, location, memory, outbox, progress, suppression, sweeping, tally
from poller.state.again import SecondSending
from poller.state.books import StateBooks
from poller.state.database import Database, connect
from poller.state.ledger import LedgerTotal
from poller.state.migrations import migrate, require_current
from poller.state.progress import Checkpoint, LaneProgress, Run


def open_state(url: str, *, read_only: bool = False) -> "StateStore":
    """Open the state store that a URL names, creating it if need be and bringing its tables up to date.

    `read_only` opens what is there for a look, beside a running poller, and changes nothing.
    Raises ConfigurationError (no directory, not ours, damaged, of a newer version, or nothing to look at),
    StateBusyError and StateWriteError.
    """
    file = location.state_file(url)
    if read_only:
        location.require(file)
    elif file:
        location.prepare(file)
    database = connect(file, read_only=read_only)
    try:
        if read_only:
            require_current(database)
        else:
            migrate(database, datetime.now(UTC))
    except BaseException:
        database.close()
        raise
    return StateStore(database)


class StateStore:
    """`ports.State` on a database, and what the commands ask beyond it."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._database.close()

    @property
    def file(self) -> Path | None:
        """Where it lives; None in memory."""
        return self._database.file

    # ------------------------------------------------------------ the port

    def meta(self, name: str) -> str | None:
        """A named value of the installation, None if never set."""
        with self._database.read() as connection:
            return progress.meta_value(connection, name)

    def set_meta(self, name: str, value: str) -> None:
        """Set a named value."""
        with self._database.write() as connection:
            progress.set_meta(connection, name, value)

    def claim_meta(self, name: str, value: str) -> str:
        """Set a named value unless it is set; return the one that holds."""
        with self._database.write() as connection:
            return progress.claim_meta(connection, name, value)

    def marks(self, lane: str) -> Mapping[str, str]:
        """The lane's checkpoints, feed name to watermark."""
        with self._database.read() as connection:
            return progress.marks(connection, lane)

    def recall(self, things: Sequence[Thing]) -> Mapping[Thing, Remembered]:
        """The memories of those things that have one."""
        with self._database.read() as connection:
            return memory.recall(connection, things)

    def due(self, now: datetime, limit: int) -> Sequence[Thing]:
        """Things that asked to be looked at again by `now`, longest waiting first."""
        with self._database.read() as connection:
            return memory.due(connection, now, limit)

    def waiting(self, thing: str) -> int:
        """How many things of that kind asked to be looked at again."""
        with self._database.read() as connection:
            return memory.waiting(connection, thing)

    def lately(self, thing: str, limit: int) -> Sequence[int]:
        """Keys of the things of that kind touched last, newest first."""
        with self._database.read() as connection:
            return memory.lately(connection, thing, limit)

    def remembered(self, thing: str, *, after: int, limit: int) -> Sequence[int]:
        """Keys above `after` of the things of that kind that have a memory, in order."""
        with self._database.read() as connection:
            return memory.remembered(connection, thing, after=after, limit=limit)

    def known(self, message_ids: Sequence[UUID]) -> set[UUID]:
        """Those already in the outbox (dropped ones too) or the ledger."""
        with self._database.read() as connection:
            return outbox.known(connection, message_ids)

    @property
    def blocks(self) -> sweeping.SweptBlocks:
        """What the sweep saw last of things of any age."""
        return sweeping.SweptBlocks(self._database)

    @property
    def again(self) -> SecondSending:
        """What is sent a second time."""
        return SecondSending(self._database)

    def suppressed(self) -> Mapping[int, str]:
        """Customers of whom nothing is sent, with the reason."""
        with self._database.read() as connection:
            return suppression.reasons(connection)

    def commit(self, commit: Commit) -> int:
        """Store a page in one transaction; returns how many messages were new.

        Messages already known stay as they are; those of a suppressed customer are purged, and never admitted.
        """
        with self._database.write() as connection:
            suppression.suppress(connection, commit)
            admitted = outbox.admit(connection, commit)
            memory.remember(connection, commit.memories)
            memory.forget(connection, commit.forgotten)
            sweeping.keep(connection, commit.swept)
            progress.set_marks(connection, commit)
            return admitted

    def pending(self, *, limit: int, max_bytes: int, source: Source = EVERY_SHOP) -> Sequence[Pending]:
        """The source's next batch: live lane first, then oldest first; less than `max_bytes` of text, at least one."""
        with self._database.read() as connection:
            return outbox.next_batch(connection, limit=limit, max_bytes=max_bytes, shops=source.shops)

    def delivered(self, batch: Sequence[Pending], at: datetime) -> None:
        """Move messages to the ledger: payload dropped, id kept. Twice is as once."""
        with self._database.write() as connection:
            ledger.settle(connection, batch, at)
            self._database.give_back(connection)

    def bury(self, message: Pending, *, reason: str, at: datetime) -> None:
        """Make a message a dead letter."""
        with self._database.write() as connection:
            outbox.bury(connection, message.message_id, reason=reason, at=at)

    def delivery(self, source: str = DEFAULT) -> Delivery:
        """How delivery to a source stands."""
        with self._database.read() as connection:
            return standing.current(connection, source)

    def set_delivery(self, delivery: Delivery, source: str = DEFAULT) -> None:
        """Store how delivery to a source stands."""
        with self._database.write() as connection:
            standing.store(connection, delivery, source)

    def count_deferred(self, names: Sequence[str], at: datetime) -> None:
        """Count messages of these names as deferred."""
        with self._database.write() as connection:
            tally.count(connection, "deferred", names, at=at)

    def deliveries(self) -> Mapping[str, Delivery]:
        """How delivery stands with each source that something was stored of."""
        with self._database.read() as connection:
            return standing.every(connection)

    def pending_by_shop(self) -> Mapping[int, int]:
        """How many messages wait, by the shop they are told of."""
        with self._database.read() as connection:
            return outbox.counts_by_shop(connection)

    def outbox_size(self) -> OutboxSize:
        """Count the outbox."""
        with self._database.read() as connection:
            return outbox.size(connection)

    # ------------------------------------------------------------ dead letters

    def buried(self, limit: int, *, seqs: Sequence[int] | None = None) -> Sequence[Buried]:
        """Dead letters, oldest first; only those of `seqs`, if given."""
        with self._database.read() as connection:
            return outbox.dead_letters(connection, limit, seqs)

    def replay(self, seqs: Sequence[int] | None = None) -> int:
        """Let dead letters be delivered again, all of them by default; returns how many."""
        with self._database.write() as connection:
            return outbox.replay(connection, seqs)

    def drop(self, seqs: Sequence[int]) -> int:
        """Give up dead letters: the text goes, the id stays known for ever; returns how many."""
        with self._database.write() as connection:
            return outbox.drop(connection, seqs)

    # ------------------------------------------------------------ what status and audit read

    def begin_run(self, door: str, lane: str, *, at: datetime) -> int:
        """Note that a door was opened; returns the run's number."""
        with self._database.write() as connection:
            return progress.begin_run(connection, door, lane=lane, at=at)

    def end_run(self, run_id: int, outcome: str, *, detail: str, at: datetime) -> None:
        """Note how a run ended."""
        with self._database.write() as connection:
            progress.end_run(connection, run_id, outcome=outcome, detail=detail, at=at)

    def runs(self, limit: int) -> Sequence[Run]:
        """The latest runs, newest first; the last thousand are kept."""
        with self._database.read() as connection:
            return progress.runs(connection, limit)

    def checkpoints(self) -> Sequence[Checkpoint]:
        """Every lane's watermarks, and when they last moved."""
        with self._database.read() as connection:
            return progress.checkpoints(connection)

    def reset_mark(self, lane: str, feed: str) -> bool:
        """Forget a watermark, so that the feed starts anew; whether there was one."""
        with self._database.write() as connection:
            return progress.reset_mark(connection, lane, feed)

    def lane_progress(self) -> Sequence[LaneProgress]:
        """Every lane that has a checkpoint or a message, live first."""
        with self._database.read() as connection:
            return progress.lane_progress(connection)

    def tally(self, since: datetime | None = None) -> Mapping[str, Mapping[str, int]]:
        """Messages by outcome (`delivered`, `deferred`, `buried`) and name, since a moment of the last day, or ever."""
        with self._database.read() as connection:
            return tally.since(connection, since)

    def ledger_counts(self) -> Mapping[str, int]:
        """Delivered events by name."""
        with self._database.read() as connection:
            return ledger.counts(connection)

    def ledger_size(self) -> int:
        """How many events were delivered."""
        with self._database.read() as connection:
            return ledger.size(connection)

    def ledger_totals(self, *, since: date, until: date) -> Sequence[LedgerTotal]:
        """Delivered events of the UTC days `since <= day < until`, counted and summed by day, name and currency."""
        with self._database.read() as connection:
            return ledger.totals(connection, since=since, until=until)

    @contextmanager
    def books(self) -> Iterator[StateBooks]:
        """What the audit reads, in one consistent view."""
        with self._database.read() as connection:
            yield StateBooks(connection)

    def fates(self, message_ids: Sequence[UUID]) -> Mapping[UUID, Fate]:
        """What became of messages: delivered, pending, buried or dropped; nothing of those never seen."""
        with self._database.read() as connection:
            return fates.of(connection, message_ids)

    def copy_to(self, target: Path) -> int:
        """Copy the store as it is at one moment into a new file, beside whoever works on it; returns its bytes."""
        location.create_copy(target)
        return self._database.copy_to(target)

    def prune(self, before: datetime, *, start: str, pruned: str) -> int:
        """Forget ledger rows of facts before a moment, and note (as `pruned`, and in `start`) that none is owed."""
        with self._database.write() as connection:
            progress.set_meta(connection, pruned, before.isoformat())
            held = progress.meta_value(connection, start)
            if held is None or datetime.fromisoformat(held) < before:
                progress.set_meta(connection, start, before.isoformat())
            return ledger.prune(connection, before)

    def size_bytes(self) -> int:
        """What it takes on disk, its write-ahead log included."""
        return self._database.size_bytes()

    def damage(self) -> str:
        """What is wrong with the file, "" if nothing; reads all of it."""
        return self._database.damage()
