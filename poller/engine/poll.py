"""The poll: one look at every feed in one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from poller.core.feeds import Feed
from poller.core.marks import load_tail
from poller.core.policy import Window
from poller.engine.budget import Budget
from poller.engine.pages import LIVE, Lane, Pages, Touched
from poller.engine.reading import take_tail, take_touch
from poller.engine.reports import PollReport
from poller.errors import ShopStatementError
from poller.ports import Clock, Shop, Snapshot, State
from poller.streams.outcome import Stream

DUE_PER_POLL = 200
START = "start_from"
START_GRACE = timedelta(minutes=5)

StartFrom: TypeAlias = datetime | Literal["now", "beginning"]
BEGINNING = "1970-01-01T00:00:00+00:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollSettings:
    """How much is read at a time, and from when on the live lane owes its facts."""

    start_from: StartFrom = "now"
    page_size: int = 250
    gap_ttl: timedelta = timedelta(hours=24)
    load_budget: float = 0.01


class Poll:
    """Looks at the shop and commits what it proves. Not for two threads at a time."""

    def __init__(
        self, shop: Shop, state: State, *, pages: Pages, streams: Sequence[Stream], settings: PollSettings, clock: Clock
    ) -> None:
        self._shop = shop
        self._state = state
        self._pages = pages
        self._streams = streams
        self._settings = settings
        self._clock = clock
        self._budget = Budget(settings.load_budget, clock, samples=5)

    def once(self) -> PollReport:
        """Read one page of every feed, and whatever asked to be looked at again.

        When a table was restored its numbers name other things than before, in every table that uses them: then the
        whole lane stops, not that feed alone, until the operator has decided.
        """
        report = PollReport(lane=LIVE)
        began = self._clock.monotonic()
        with self._shop.snapshot() as snapshot:
            lane = live_lane(self._state, snapshot, self._settings.start_from)
            marks = self._state.marks(LIVE)
            touched = Touched()
            for thing, key in self._state.due(snapshot.reading.now, DUE_PER_POLL):
                touched.add(thing, [key])
            for stream in self._streams:
                for feed in stream.feeds:
                    self._take(snapshot, feed, marks.get(feed.name), touched=touched, report=report)
            if report.stopped:
                touched = touched.only(report.stopped)
            report.slowed |= self._budget.slowed
            self._pages.write(snapshot, lane, touched=touched, report=report)
            report.database_seconds = snapshot.spent_seconds()
        report.seconds = self._clock.monotonic() - began
        return report

    def _take(
        self, snapshot: Snapshot, feed: Feed, checkpoint: str | None, *, touched: Touched, report: PollReport
    ) -> None:
        """Read one feed; one whose statement fails waits for the next poll and holds up no other.

        One that is dear for what it finds rests as its budget demands; one with more to read does not.
        """
        if not self._budget.is_due(feed.name):
            return
        before, had_more = snapshot.spent_seconds(), report.has_more
        report.has_more = False
        try:
            self._read(snapshot, feed, checkpoint, touched=touched, report=report)
        except ShopStatementError as error:
            report.failed[feed.name] = str(error)
        if not report.has_more:
            self._budget.spend(feed.name, snapshot.spent_seconds() - before)
        report.has_more |= had_more

    def _read(
        self, snapshot: Snapshot, feed: Feed, checkpoint: str | None, *, touched: Touched, report: PollReport
    ) -> None:
        since = first_moment(self._settings.start_from)
        limit = self._settings.page_size
        if feed.kind == "touch":
            take_touch(snapshot, feed, checkpoint=checkpoint, since=since, limit=limit, touched=touched, report=report)
        else:
            take_tail(
                snapshot,
                feed,
                checkpoint=checkpoint,
                since=since,
                limit=limit,
                gap_ttl=self._settings.gap_ttl,
                touched=touched,
                report=report,
            )


def stopped_feeds(state: State, streams: Sequence[Stream]) -> dict[str, str]:
    """The feeds that cannot trust their table any more, with the reason."""
    tails = {feed.name for stream in streams for feed in stream.feeds if feed.kind == "tail"}
    marks = {name: load_tail(text) for name, text in state.marks(LIVE).items() if name in tails}
    return {name: mark.stopped for name, mark in marks.items() if mark.stopped}


def first_moment(start: StartFrom) -> datetime | None:
    """Where feeds without a checkpoint begin: None for a little before now."""
    return None if start == "now" else datetime.fromisoformat(BEGINNING) if start == "beginning" else start


def live_lane(state: State, snapshot: Snapshot, start: StartFrom) -> Lane:
    """What the live lane owes: everything since its start, which is fixed once and for ever.

    Started `now`, it owes what was dated a little earlier too: a request in flight, or a web server whose clock is
    behind the database's, writes rows after the start that are dated before it.
    """
    since = first_moment(start) or snapshot.reading.now.replace(microsecond=0) - START_GRACE
    return Lane(LIVE, Window(datetime.fromisoformat(state.claim_meta(START, since.isoformat()))))
