"""A state store in memory for engine tests; it passes the same conformance cases as the real one (tests/state)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from poller.core.blocks import SweptBlock, SweptSum, block_of, keys_of
from poller.core.shops import DEFAULT, EVERY_SHOP, Source
from poller.errors import BugError
from poller.ports import Buried, Commit, Delivery, Memory, OutboxSize, Outgoing, Pending, Remembered, Thing

LIVE = "live"


@dataclass(frozen=True, slots=True)
class Held:
    """A message in the outbox; `status` is pending, buried or dropped."""

    pending: Pending
    outgoing: Outgoing
    status: str = "pending"
    reason: str = ""
    buried_at: datetime | None = None


def _nothing(step: str) -> None:
    del step


@dataclass(slots=True)
class FakeState:
    """`ports.State` over dictionaries.

    `crash` is called with "commit" before a commit takes effect and with "commit.done" after it did (and likewise for
    every other writing method): raise in it to be killed between any two steps. What it holds is open to assertions.
    """

    crash: Callable[[str], None] = _nothing
    names: dict[str, str] = field(default_factory=dict)
    checkpoints: dict[tuple[str, str], str] = field(default_factory=dict)
    memories: dict[Thing, Memory] = field(default_factory=dict)
    outbox: dict[UUID, Held] = field(default_factory=dict)
    ledger: dict[UUID, Pending] = field(default_factory=dict)
    silent: dict[int, str] = field(default_factory=dict)
    swept: dict[tuple[str, int], SweptBlock] = field(default_factory=dict)
    standing: dict[str, Delivery] = field(default_factory=dict)
    last_seq: int = 0

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.crash(name)
        yield
        self.crash(f"{name}.done")

    # ------------------------------------------------------------ installation and progress

    def meta(self, name: str) -> str | None:
        return self.names.get(name)

    def set_meta(self, name: str, value: str) -> None:
        with self._step("set_meta"):
            self.names[name] = value

    def claim_meta(self, name: str, value: str) -> str:
        with self._step("claim_meta"):
            self.names.setdefault(name, value)
        return self.names[name]

    def marks(self, lane: str) -> Mapping[str, str]:
        return {feed: mark for (of, feed), mark in self.checkpoints.items() if of == lane}

    # ------------------------------------------------------------ memory

    def recall(self, things: Sequence[Thing]) -> Mapping[Thing, Remembered]:
        found = [self.memories[thing] for thing in things if thing in self.memories]
        return {(m.thing, m.key): Remembered(m.body, m.digest) for m in found}

    def due(self, now: datetime, limit: int) -> Sequence[Thing]:
        waiting = sorted((m.again, m.thing, m.key) for m in self.memories.values() if m.again and m.again <= now)
        return [(thing, key) for _, thing, key in waiting[:limit]]

    def lately(self, thing: str, limit: int) -> Sequence[int]:
        touched = sorted(((m.touched_at, m.key) for m in self.memories.values() if m.thing == thing), reverse=True)
        return [key for _, key in touched[:limit]]

    def remembered(self, thing: str, *, after: int, limit: int) -> Sequence[int]:
        return sorted(key for of, key in self.memories if of == thing and key > after)[:limit]

    @property
    def blocks(self) -> "FakeSwept":
        return FakeSwept(self)

    # ------------------------------------------------------------ commit

    def known(self, message_ids: Sequence[UUID]) -> set[UUID]:
        return {message_id for message_id in message_ids if message_id in self.outbox or message_id in self.ledger}

    def suppressed(self) -> Mapping[int, str]:
        return dict(self.silent)

    def commit(self, commit: Commit) -> int:
        _require_aware(commit)
        with self._step("commit"):
            self._suppress(commit)
            admitted = sum(self._admit(message, commit) for message in commit.outgoing)
            for memory in commit.memories:
                self._remember(memory)
            for thing in commit.forgotten:
                self.memories.pop(thing, None)
            self.swept.update({(block.thing, block.number): block for block in commit.swept})
            self.checkpoints.update({(commit.lane, feed): mark for feed, mark in commit.marks.items()})
        return admitted

    def _suppress(self, commit: Commit) -> None:
        self.silent.update({one.customer_id: one.reason for one in commit.suppressed})
        customers = {one.customer_id for one in commit.suppressed}
        for message_id, held in list(self.outbox.items()):
            if held.outgoing.customer_id in customers and held.status != "dropped":
                del self.outbox[message_id]

    def _admit(self, message: Outgoing, commit: Commit) -> bool:
        if message.customer_id in self.silent or self.known([message.message_id]):
            return False
        self.last_seq += 1
        pending = Pending(
            seq=self.last_seq,
            message_id=message.message_id,
            lane=commit.lane,
            name=message.name,
            thing=message.thing,
            key=message.key,
            text=message.text,
            created_at=commit.at.astimezone(UTC),
        )
        self.outbox[message.message_id] = Held(pending, message)
        return True

    def _remember(self, memory: Memory) -> None:
        before = self.memories.get((memory.thing, memory.key))
        if memory.digest is None and before:
            memory = replace(memory, digest=before.digest)
        self.memories[memory.thing, memory.key] = memory

    # ------------------------------------------------------------ delivery

    def _having(self, status: str) -> list[Held]:
        return sorted((h for h in self.outbox.values() if h.status == status), key=lambda h: h.pending.seq)

    def pending(self, *, limit: int, max_bytes: int, source: Source = EVERY_SHOP) -> Sequence[Pending]:
        waiting = [held.pending for held in self._having("pending") if source.shops.holds(held.outgoing.shop_id)]
        batch: list[Pending] = []
        total = 0
        for message in sorted(waiting, key=lambda p: (p.lane != LIVE, p.seq))[:limit]:
            total += len(message.text.encode())
            if batch and total >= max_bytes:
                break
            batch.append(message)
        return batch

    def delivered(self, batch: Sequence[Pending], at: datetime) -> None:
        del at
        with self._step("delivered"):
            for message in batch:
                self.ledger.setdefault(message.message_id, replace(message, text=""))
                self.outbox.pop(message.message_id, None)

    def bury(self, message: Pending, *, reason: str, at: datetime) -> None:
        with self._step("bury"):
            held = self.outbox.get(message.message_id)
            if held and held.status == "pending":
                self.outbox[message.message_id] = replace(held, status="buried", reason=reason, buried_at=at)

    def delivery(self, source: str = DEFAULT) -> Delivery:
        return self.standing.get(source, Delivery())

    def set_delivery(self, delivery: Delivery, source: str = DEFAULT) -> None:
        with self._step("set_delivery"):
            self.standing[source] = delivery

    def outbox_size(self) -> OutboxSize:
        waiting = [held.pending for held in self._having("pending")]
        by_lane: dict[str, int] = {}
        for message in waiting:
            by_lane[message.lane] = by_lane.get(message.lane, 0) + 1
        return OutboxSize(
            pending=len(waiting),
            buried=len(self._having("buried")),
            oldest_at=waiting[0].created_at if waiting else None,
            by_lane=by_lane,
        )

    # ------------------------------------------------------------ dead letters (not in the port)

    def buried(self, limit: int, *, seqs: Sequence[int] | None = None) -> Sequence[Buried]:
        found = [held for held in self._having("buried") if seqs is None or held.pending.seq in seqs]
        return [_dead_letter(held) for held in found[:limit]]

    def replay(self, seqs: Sequence[int] | None = None) -> int:
        found = [held for held in self._having("buried") if seqs is None or held.pending.seq in seqs]
        for held in found:
            self.outbox[held.pending.message_id] = Held(held.pending, held.outgoing)
        return len(found)

    def drop(self, seqs: Sequence[int]) -> int:
        found = [held for held in self._having("buried") if held.pending.seq in seqs]
        for held in found:
            emptied = replace(held.pending, text="")
            self.outbox[emptied.message_id] = replace(held, pending=emptied, status="dropped")
        return len(found)


@dataclass(frozen=True, slots=True)
class FakeSwept:
    """`StateBlocks` over a dictionary."""

    state: FakeState

    def sums(self, thing: str, *, first: int, last: int) -> Mapping[int, SweptSum]:
        return {
            number: SweptSum(block.sum, block.states, block.refunds)
            for (of, number), block in self.state.swept.items()
            if of == thing and first <= number <= last
        }

    def get(self, thing: str, number: int) -> SweptBlock | None:
        return self.state.swept.get((thing, number))

    def read_at(self, thing: str, keys: Sequence[int]) -> Mapping[int, datetime]:
        blocks = {key: self.state.swept.get((thing, block_of(key))) for key in keys}
        return {key: block.read_at for key, block in blocks.items() if block and key in block.rows}

    def remembered(self, thing: str, number: int) -> set[int]:
        return {key for of, key in self.state.memories if of == thing and key in keys_of(number)}

    def highest(self, thing: str) -> int:
        return max((number for of, number in self.state.swept if of == thing), default=-1)

    def forget(self, thing: str) -> None:
        for of, number in list(self.state.swept):
            if of == thing:
                del self.state.swept[of, number]


def _dead_letter(held: Held) -> Buried:
    assert held.buried_at
    return Buried(
        seq=held.pending.seq,
        message_id=held.pending.message_id,
        name=held.pending.name,
        thing=held.pending.thing,
        key=held.pending.key,
        text=held.pending.text,
        reason=held.reason,
        buried_at=held.buried_at,
    )


def _require_aware(commit: Commit) -> None:
    times = [commit.at, *(m.occurred_at for m in commit.outgoing), *(m.touched_at for m in commit.memories)]
    if any(moment.tzinfo is None for moment in (*times, *(m.again for m in commit.memories if m.again))):
        raise BugError("naive time inside the poller")
