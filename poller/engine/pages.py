"""A page: touched things are loaded, derived, composed and committed, together with what says that they were read.

The invariant all else hangs on: new events, memories and checkpoints are one transaction (ports.State.commit).
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from poller.core.blocks import SweptBlock
from poller.core.events import Event
from poller.core.identity import message_id
from poller.core.policy import Policy, Window
from poller.engine.absence import NOT_THERE_YET, Absence
from poller.engine.counting import with_counters
from poller.engine.keeping import Keeping
from poller.engine.reports import PollReport
from poller.errors import BugError, ShopStatementError
from poller.ports import Commit, Composer, Memory, Outgoing, Remembered, Snapshot, Suppressed, Thing
from poller.streams.outcome import Outcome, Stream

LIVE = "live"
THINGS_PER_COMMIT = 500
RETRY_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Lane:
    """Whose page it is: the live run's, or a backfill's; and the facts that lane owes.

    Only the live lane remembers: a backfill beside it reads memories, and leaves them as they are.
    """

    name: str
    window: Window

    @property
    def is_live(self) -> bool:
        """Whether this is the live lane."""
        return self.name == LIVE


@dataclass(slots=True)
class Touched:
    """Things to look at, by kind; with the feeds' new marks, what the sweep found, and the blocks it has read."""

    keys: dict[str, set[int]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    found: set[Thing] = field(default_factory=set)
    blocks: list[SweptBlock] = field(default_factory=list)

    def add(self, thing: str, keys: Sequence[int]) -> None:
        """Touch things of one kind; 0 is nobody."""
        self.keys.setdefault(thing, set()).update(key for key in keys if key > 0)

    def only(self, feeds: Container[str]) -> "Touched":
        """The marks of these feeds, and nothing else."""
        return Touched(marks={name: mark for name, mark in self.marks.items() if name in feeds})

    def __len__(self) -> int:
        return sum(len(keys) for keys in self.keys.values())


@dataclass(frozen=True, slots=True)
class _Derived:
    """One thing's outcome, and those of its events that are owed, with their ids; `before` is its memory until now.

    Of a logbook's entry nothing is remembered, unless it is to be looked at again, or was.
    """

    thing: str
    key: int
    outcome: Outcome
    is_remembered: bool
    events: tuple[tuple[UUID, Event], ...]
    before: Remembered | None
    digest: bytes | None


class Pages:
    """Turns touched things into committed events."""

    def __init__(self, state: Keeping, composer: Composer, *, streams: Sequence[Stream], policy: Policy) -> None:
        self._state = state
        self._composer = composer
        self._streams = streams
        self._policy = policy

    def write(self, snapshot: Snapshot, lane: Lane, *, touched: Touched, report: PollReport) -> None:
        """Commit everything the touched things prove; the marks go with the last transaction.

        A crash before that leaves the marks where they were, and the same things are derived again to the same ids.
        """
        report.things += len(touched)
        pages = [
            (stream, keys) for stream in self._streams for keys in _chunks(sorted(touched.keys.get(stream.thing, ())))
        ]
        for stream, keys in pages:
            derived = self._derive(snapshot, lane, stream, keys=keys, report=report)
            self._commit(snapshot, lane, derived, touched=touched, is_last=(stream, keys) == pages[-1], report=report)
        if (touched.marks or touched.blocks) and not pages:
            self._state.commit(
                Commit(lane=lane.name, at=snapshot.reading.now, marks=touched.marks, swept=touched.blocks)
            )

    def _derive(
        self, snapshot: Snapshot, lane: Lane, stream: Stream, *, keys: Sequence[int], report: PollReport
    ) -> list[_Derived]:
        now = snapshot.reading.now
        facts, failure = _loaded(snapshot, stream, keys)
        remembered = self._remembered(stream, keys, lane)
        # Of the same snapshot: what the sweep finds with this digest was derived as it is.
        digests = snapshot.digests(stream.thing, keys) if lane.is_live and not stream.is_logbook else {}
        excluded = self._state.suppressed()
        absence = Absence(snapshot, self._state, self._streams)
        derived: list[_Derived] = []
        for key in keys:
            before = remembered.get((stream.thing, key))
            try:
                if failure:
                    raise failure
                outcome = self._outcome(stream, key, facts, before, now=now)
            except (ArithmeticError, BugError, LookupError, ShopStatementError, TypeError, ValueError) as error:
                outcome = _postponed(now, before)
                report.postponed[f"{stream.thing}/{key}"] = type(error).__name__
            if absence.is_doubtful(stream, key, outcome, is_missing=not failure and key not in facts):
                outcome = _postponed(now, before)
                if absence.is_view_old:
                    report.postponed[f"{stream.thing}/{key}"] = NOT_THERE_YET
            owed = tuple(
                (message_id(self._policy.namespace, event.fact), event)
                for event in outcome.events
                if lane.window.holds(event.occurred_at)
                and event.who.customer_id not in excluded
                and self._policy.shops.holds(event.shop_id)
            )
            is_remembered = not stream.is_logbook or outcome.again is not None or before is not None
            digest = digests.get(key)
            derived.append(_Derived(stream.thing, key, outcome, is_remembered, owed, before, digest))
        return derived

    def _remembered(self, stream: Stream, keys: Sequence[int], lane: Lane) -> dict[Thing, Remembered]:
        """The things' memories; where there is none, that the sweep has seen the thing with nothing to tell."""
        found = dict(self._state.recall([(stream.thing, key) for key in keys]))
        if lane.is_live and stream.unremarkable:
            new = [key for key in keys if (stream.thing, key) not in found]
            seen = self._state.blocks.read_at(stream.thing, new) if new else {}
            found |= {(stream.thing, key): Remembered(stream.unremarkable(at), None) for key, at in seen.items()}
        return found

    def _outcome(
        self, stream: Stream, key: int, facts: Mapping[int, Any], before: Remembered | None, *, now: datetime
    ) -> Outcome:
        memory = before.body if before else None
        if key not in facts:
            return stream.gone(now, key, memory, policy=self._policy)
        return stream.derive(now, facts[key], memory, policy=self._policy)

    def _commit(
        self,
        snapshot: Snapshot,
        lane: Lane,
        derived: Sequence[_Derived],
        *,
        touched: Touched,
        is_last: bool,
        report: PollReport,
    ) -> None:
        now = snapshot.reading.now
        news = self._news(snapshot, derived)
        report.told_before += sum(len(one.events) for one in derived) - sum(map(len, news.values()))
        outgoing: list[Outgoing] = []
        memories: list[Memory] = []
        suppressed: list[Suppressed] = []
        forgotten: list[Thing] = []
        for one in derived:
            outcome = one.outcome
            try:
                messages = [self._composer.compose(event) for event in news[one.thing, one.key]]
            except (ArithmeticError, BugError, LookupError, TypeError, ValueError) as error:
                report.postponed[f"{one.thing}/{one.key}"] = type(error).__name__
                memories.append(_memory(replace(one, digest=None), _postponed(now, one.before), now=now))
                continue
            outgoing += messages
            for message in messages:
                report.events[message.name] = report.events.get(message.name, 0) + 1
                report.found_by_sweep += (one.thing, one.key) in touched.found
            if outcome.is_forgotten:
                forgotten.append((one.thing, one.key))
            elif one.is_remembered:
                memories.append(_memory(one, outcome, now=now))
            if outcome.exclude:
                suppressed.append(Suppressed(customer_id=outcome.exclude[0], reason=outcome.exclude[1]))
        self._state.commit(
            Commit(
                lane=lane.name,
                at=now,
                outgoing=outgoing,
                memories=memories if lane.is_live else (),
                marks=touched.marks if is_last else {},
                suppressed=suppressed,
                forgotten=forgotten if lane.is_live else (),
                swept=touched.blocks if is_last else (),
            )
        )

    def _news(self, snapshot: Snapshot, derived: Sequence[_Derived]) -> Mapping[Thing, Sequence[Event]]:
        """Of each thing those of its events that nobody told yet, with their customer's counters."""
        known = self._state.known([identity for one in derived for identity, _ in one.events])
        news = {
            (one.thing, one.key): [event for identity, event in one.events if identity not in known] for one in derived
        }
        counted = with_counters(snapshot, (event for events in news.values() for event in events))
        return {thing: [counted.get(event.fact, event) for event in events] for thing, events in news.items()}


def _loaded(
    snapshot: Snapshot, stream: Stream, keys: Sequence[int]
) -> tuple[Mapping[int, Any], ShopStatementError | None]:
    """The facts of a page; where a logbook's own statement fails, its entries are looked at again later, alone."""
    try:
        return snapshot.load(stream.thing, keys), None
    except ShopStatementError as error:
        if not stream.is_logbook:
            raise
        return {}, error


def _memory(one: _Derived, outcome: Outcome, *, now: datetime) -> Memory:
    return Memory(
        thing=one.thing, key=one.key, body=outcome.memory, digest=one.digest, again=outcome.again, touched_at=now
    )


def _postponed(now: datetime, before: Remembered | None) -> Outcome:
    """What becomes of a thing that this version cannot derive: nothing is told, nothing forgotten, looked at again."""
    return Outcome(memory=before.body if before else "", again=now + RETRY_AFTER)


def _chunks(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), THINGS_PER_COMMIT):
        yield keys[start : start + THINGS_PER_COMMIT]
