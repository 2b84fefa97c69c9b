"""Touch feeds: what a cursor by date loses, and the overlap finds again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from poller.core.feeds import Feed, Reading
from poller.engine.pages import Touched
from poller.engine.reading import take_overlap, take_touch
from poller.engine.reports import PollReport
from poller.ports import Snapshot

FEED = Feed(name="cart_touched", thing="cart", kind="touch")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONGEST = 3_600
"""Transactions, and an hour that comes twice, may make a stamp so many seconds older than its commit."""


@dataclass
class Carts:
    """A table of carts, as one snapshot shows it: key to stamp."""

    rows: dict[int, str] = field(default_factory=dict)
    reading: Reading = field(default_factory=lambda: Reading(NOON, NOON))

    def shop_ids(self) -> Sequence[int]:
        return (1,)

    def local_text(self, moment: datetime) -> str:
        return moment.replace(tzinfo=None, microsecond=0).isoformat(sep=" ")

    def touched_since(self, _feed: Feed, *, shop_id: int, since: str, after: int, limit: int) -> list[tuple[str, int]]:
        assert shop_id == 1
        found = sorted((stamp, key) for key, stamp in self.rows.items())
        return [(stamp, key) for stamp, key in found if stamp > since or (stamp == since and key > after)][:limit]


@dataclass
class Reader:
    """Polls and overlaps over the carts, a page at a time."""

    carts: Carts
    limit: int = 2
    mark: str | None = None
    seen: set[tuple[int, str]] = field(default_factory=set)

    @property
    def _snapshot(self) -> Snapshot:
        return cast("Snapshot", self.carts)

    def poll(self) -> None:
        touched, report = Touched(), PollReport(lane="live")
        take_touch(
            self._snapshot, FEED, checkpoint=self.mark, since=NOON, limit=self.limit, touched=touched, report=report
        )
        self.mark = touched.marks.get(FEED.name, self.mark)
        self._note(touched)

    def overlap(self) -> None:
        touched = Touched()
        take_overlap(self._snapshot, FEED, checkpoint=self.mark, limit=self.limit, touched=touched)
        self._note(touched)

    def _note(self, touched: Touched) -> None:
        self.seen.update((key, self.carts.rows[key]) for key in touched.keys.get("cart", ()))


def at(seconds: float) -> str:
    return Carts().local_text(NOON + timedelta(seconds=seconds))


def test_a_save_that_commits_late_is_read_again() -> None:
    carts = Carts({1: at(10), 2: at(4_000)})
    reader = Reader(carts)
    reader.poll()
    carts.rows[3] = at(4_000 - LONGEST)
    reader.poll()
    assert (3, carts.rows[3]) not in reader.seen, "the cursor has passed it"
    reader.overlap()
    assert (3, carts.rows[3]) in reader.seen


def test_two_saves_in_one_second_are_two() -> None:
    carts = Carts({1: at(10)})
    reader = Reader(carts)
    reader.poll()
    reader.seen.clear()
    carts.rows[1] = at(10)
    reader.poll()
    assert reader.seen == set(), "to the cursor it is the same save"
    reader.overlap()
    assert reader.seen == {(1, at(10))}


def test_a_page_that_ends_within_a_second_goes_on_within_it() -> None:
    carts = Carts({key: at(10) for key in range(1, 2_001)})
    reader = Reader(carts, limit=7)
    for _ in range(2_000 // 7 + 1):
        reader.poll()
    assert {key for key, _ in reader.seen} == set(carts.rows)
    reader.seen.clear()
    reader.overlap()
    assert {key for key, _ in reader.seen} == set(carts.rows), "the overlap is read page by page too"


class LateSaves(RuleBasedStateMachine):
    """Carts are saved, and the saves commit up to an hour later; after an overlap each of them was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.open: list[tuple[int, float]] = []
        self.reader = Reader(Carts())
        self.unseen: set[int] = set()

    @rule(key=st.integers(1, 12))
    def save(self, key: int) -> None:
        if key not in {other for other, _ in self.open}:
            self.open.append((key, self.now))

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 100))
    def commit(self, which: int) -> None:
        key, began = self.open.pop(which % len(self.open))
        self.reader.carts.rows[key] = at(began)
        self.reader.seen = {(other, stamp) for other, stamp in self.reader.seen if other != key}
        self.unseen.add(key)

    @rule(seconds=st.sampled_from([0.3, 1, 30, 900]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        while self.open and self.now - self.open[0][1] > LONGEST - 1:
            self.commit(0)
            self.reader.poll()
            self.look_again()

    @rule()
    def poll(self) -> None:
        self.reader.poll()

    @rule()
    def look_again(self) -> None:
        self.reader.overlap()
        for _ in range(len(self.reader.carts.rows)):
            self.reader.poll()
        assert self.unseen <= {key for key, _ in self.reader.seen}
        self.unseen.clear()

    @invariant()
    def what_was_seen_was_there(self) -> None:
        assert self.reader.seen <= set(self.reader.carts.rows.items())


TestLateSaves = LateSaves.TestCase
TestLateSaves.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
