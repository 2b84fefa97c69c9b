"""The sweep: a second net under the feeds. It compares things with what was seen of them last, at any age.

Each step is one short look or one short page, with a snapshot of its own: live traffic goes between two of them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from poller.core.blocks import block_of
from poller.engine.blocks import DOUBTFUL, MOST_VANISHED, THINGS_AT_ONCE, Blocks
from poller.engine.budget import LONGEST_REST, Budget
from poller.engine.pages import LIVE, Pages, Touched
from poller.engine.poll import PollSettings, live_lane, stopped_feeds
from poller.engine.reading import take_overlap
from poller.engine.reports import PollReport
from poller.engine.walk import NEWEST, SWEPT, WALK, Walk, differing_blocks
from poller.ports import Clock, Shop, Snapshot, State, Thing
from poller.streams.outcome import Stream

LATELY_SEEN_CUSTOMERS = 2_000
LATELY_SEEN_THINGS = ("cart", "wishlist_item", "wishlist_pick")
LATELY_SEEN = 1_000
"""Of what the walk does not go over, so many are compared with what they were when they were derived."""
HOT, STATES = "hot_sweep", "sweep"
_BLOCKS_AT_ONCE = 100
_PASS, _PAUSE = "pass", timedelta(minutes=1)


@dataclass(slots=True)
class Sweep:
    """Finds what changes without telling anyone. Not for two threads at a time."""

    shop: Shop
    state: State
    pages: Pages
    streams: Sequence[Stream]
    settings: PollSettings
    clock: Clock
    budget: Budget = field(init=False)
    pace: Budget = field(init=False)
    way: Walk = field(init=False)

    def __post_init__(self) -> None:
        self.budget = Budget(self.settings.load_budget, self.clock, samples=2)
        self.pace = Budget(self.settings.load_budget, self.clock)
        self.way = Walk(self.state, self.clock)

    # ------------------------------------------------------------ three depths

    def recent(self) -> Iterator[PollReport]:
        """The newest orders and customers, those seen lately, and the overlap of the touch feeds."""
        if not self.budget.is_due(HOT):
            yield PollReport(lane=LIVE, slowed=dict(self.budget.slowed))
            return
        differing: list[Thing] = []
        touched = Touched()
        with self._look() as (snapshot, report):
            for thing in () if report.stopped else SWEPT:
                newest = snapshot.blocks.newest_key(thing)
                first = block_of(max(newest - NEWEST[thing], 0))
                differing += differing_blocks(self.state, snapshot, thing, first=first, last=block_of(newest))
            if not report.stopped:
                lately = self.state.lately("customer", LATELY_SEEN_CUSTOMERS)
                self._compare(snapshot, "customer", lately, touched=touched, report=report)
                for thing in LATELY_SEEN_THINGS:
                    keys = self.state.lately(thing, LATELY_SEEN)
                    self._compare(snapshot, thing, keys, touched=touched, report=report)
                self._overlap(snapshot, touched)
        self.budget.spend(HOT, report.database_seconds)
        yield report
        yield from self._touched(touched)
        yield from self._all(differing)

    def states(self) -> Iterator[PollReport]:
        """Orders of any age in another state than they were: the index on the state is small, and tells it soon."""
        if not self.budget.is_due(STATES):
            yield PollReport(lane=LIVE, slowed=dict(self.budget.slowed))
            return
        self.state.set_meta(STATES, self.clock.now().isoformat())
        highest = self.state.blocks.highest("order")
        spent = 0.0
        for first in range(0, highest + 1, _BLOCKS_AT_ONCE):
            last = min(first + _BLOCKS_AT_ONCE - 1, highest)
            differing: list[Thing] = []
            with self._look() as (snapshot, report):
                if not report.stopped:
                    known = self.state.blocks.sums("order", first=first, last=last)
                    seen = snapshot.blocks.states(first=first, last=last)
                    differing = [
                        ("order", number)
                        for number, kept in known.items()
                        if kept.states is not None and kept.states != seen.get(number, 0)
                    ]
            spent += report.database_seconds
            yield report
            if report.stopped:
                return
            yield from self._all(differing)
        self.budget.spend(STATES, spent)

    def walk(self, *, is_paced: bool = True) -> Iterator[PollReport]:
        """The next stretch of everything there is; it begins anew at the end."""
        if is_paced and not (self.pace.is_due(WALK) and self.pace.is_due(_PASS)):
            return
        differing: list[Thing] = []
        with self._look() as (snapshot, report):
            if not report.stopped:
                differing = self.way.stretch(snapshot)
        self.pace.spend(WALK, report.database_seconds)
        if self.way.progress.is_at_start:
            self.pace.rest(_PASS, _PAUSE)
        yield report
        for page in self._all(differing):
            self.way.progress.found += page.found_by_sweep
            yield page
        self.way.save()

    def owed(self, every: timedelta) -> Iterator[PollReport]:
        """What a daemon would have swept since the last run, at the same budget; `every`: how often the states."""
        now = self.clock.now()
        yield from self.recent()
        last = self.state.meta(STATES)
        if last is None or now - datetime.fromisoformat(last) >= every:
            yield from self.states()
        walked_at = self.way.progress.walked_at
        rested = now - datetime.fromisoformat(walked_at) if walked_at else LONGEST_REST
        left = min(rested, LONGEST_REST).total_seconds() * self.settings.load_budget
        passes, is_stopped = self.way.progress.passes, False
        while left > 0 and not is_stopped and self.way.progress.passes == passes:
            for report in self.walk(is_paced=False):
                left -= report.database_seconds
                is_stopped = bool(report.stopped)
                yield report
        self.way.save(is_last=True)

    # ------------------------------------------------------------ steps

    @contextmanager
    def _look(self) -> Iterator[tuple[Snapshot, PollReport]]:
        """A snapshot, and the report of what is done in it."""
        report = PollReport(lane=LIVE, stopped=stopped_feeds(self.state, self.streams))
        began = self.clock.monotonic()
        with self.shop.snapshot() as snapshot:
            if not report.stopped:
                self._check_form(snapshot)
            yield snapshot, report
            report.database_seconds = snapshot.spent_seconds()
        report.seconds = self.clock.monotonic() - began

    def _check_form(self, snapshot: Snapshot) -> None:
        """Digests of another form, before an upgrade of the shop or of this program, would all differ: learn anew."""
        for thing in SWEPT:
            form, name = snapshot.blocks.form(thing), f"sweep/{thing}"
            if self.state.meta(name) != form:
                self.state.blocks.forget(thing)
                self.state.set_meta(name, form)

    def _all(self, differing: Sequence[Thing]) -> Iterator[PollReport]:
        for thing, number in differing:
            has_more = True
            while has_more:
                with self._look() as (snapshot, report):
                    lane = live_lane(self.state, snapshot, self.settings.start_from)
                    blocks = Blocks(self.state, self.pages)
                    has_more = not report.stopped and blocks.page(snapshot, lane, thing, number=number, report=report)
                yield report

    def _touched(self, touched: Touched) -> Iterator[PollReport]:
        """Derive what was touched, a page at a time."""
        things = [(thing, key) for thing, keys in touched.keys.items() for key in sorted(keys)]
        for start in range(0, len(things), THINGS_AT_ONCE):
            page = Touched(found=touched.found)
            for thing, key in things[start : start + THINGS_AT_ONCE]:
                page.add(thing, [key])
            with self._look() as (snapshot, report):
                if report.stopped:
                    return
                lane = live_lane(self.state, snapshot, self.settings.start_from)
                self.pages.write(snapshot, lane, touched=page, report=report)
            yield report

    def _compare(
        self, snapshot: Snapshot, thing: str, keys: Sequence[int], *, touched: Touched, report: PollReport
    ) -> None:
        """Touch those of some things that look different than when they were derived; those gone if they are few."""
        digests = snapshot.digests(thing, keys)
        remembered = self.state.recall([(thing, key) for key in digests])
        changed = {
            key: digest
            for key, digest in digests.items()
            if (thing, key) not in remembered or remembered[thing, key].digest != digest
        }
        gone = [key for key, digest in changed.items() if not digest]
        if len(gone) > max(MOST_VANISHED, len(digests) // 3):
            report.failed[f"sweep/{thing}"] = DOUBTFUL.format(len(gone), len(digests))
            changed = {key: digest for key, digest in changed.items() if digest}
        touched.add(thing, list(changed))
        # What a checkout notes in its cart, PrestaShop itself dates nowhere: no other writer did that.
        if thing in SWEPT:
            touched.found.update((thing, key) for key in changed)

    def _overlap(self, snapshot: Snapshot, touched: Touched) -> None:
        """Read the overlap of the touch feeds again."""
        marks = self.state.marks(LIVE)
        limit = self.settings.page_size
        for feed in (feed for stream in self.streams for feed in stream.feeds if feed.kind == "touch"):
            take_overlap(snapshot, feed, checkpoint=marks.get(feed.name), limit=limit, touched=touched)
