"""The poll: one look at every feed in one snapshot, and the sweep: a second net under those feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from poller.core.feeds import Feed
from poller.core.marks import load_tail
from poller.core.policy import Window
from poller.engine.pages import LIVE, Lane, Pages, Touched
from poller.engine.reading import take_overlap, take_tail, take_touch
from poller.engine.reports import PollReport
from poller.errors import ShopStatementError
from poller.ports import Clock, Shop, Snapshot, State
from poller.streams.outcome import Stream

DUE_PER_POLL = 200
NEWEST_ORDERS = 2_000
NEWEST_CUSTOMERS = 500
LATELY_SEEN_CUSTOMERS = 2_000
LATELY_SEEN_THINGS = ("cart",)
LATELY_SEEN = 1_000
SWEEP_PAGE = 1_000
MOST_VANISHED = 10
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

    def once(self) -> PollReport:
        """Read one page of every feed, and whatever asked to be looked at again.

        When a table was restored its numbers name other things than before, in every table that uses them: then the
        whole lane stops, not that feed alone, until the operator has decided.
        """
        report = PollReport(lane=LIVE)
        began = self._clock.monotonic()
        with self._shop.snapshot() as snapshot:
            lane = self._lane(snapshot)
            marks = self._state.marks(LIVE)
            touched = Touched()
            for thing, key in self._state.due(snapshot.reading.now, DUE_PER_POLL):
                touched.add(thing, [key])
            for stream in self._streams:
                for feed in stream.feeds:
                    self._take(snapshot, feed, marks.get(feed.name), touched=touched, report=report)
            if report.stopped:
                touched = touched.only(report.stopped)
            self._pages.write(snapshot, lane, touched=touched, report=report)
        report.seconds = self._clock.monotonic() - began
        return report

    def sweep_recent(self) -> PollReport:
        """Compare the newest orders and the customers seen lately with what was seen last; read the overlap again."""
        report = PollReport(lane=LIVE, stopped=self._stopped())
        if report.stopped:
            return report
        began = self._clock.monotonic()
        with self._shop.snapshot() as snapshot:
            touched = Touched()
            newest = snapshot.newest_keys("order", NEWEST_ORDERS)
            self._compare(snapshot, "order", newest, touched=touched, report=report)
            lately = self._state.lately("customer", LATELY_SEEN_CUSTOMERS)
            customers = {*lately, *snapshot.newest_keys("customer", NEWEST_CUSTOMERS)}
            self._compare(snapshot, "customer", sorted(customers), touched=touched, report=report)
            for thing in LATELY_SEEN_THINGS:
                self._compare(snapshot, thing, self._state.lately(thing, LATELY_SEEN), touched=touched, report=report)
            marks = self._state.marks(LIVE)
            limit = self._settings.page_size
            for feed in (feed for stream in self._streams for feed in stream.feeds if feed.kind == "touch"):
                take_overlap(snapshot, feed, checkpoint=marks.get(feed.name), limit=limit, touched=touched)
            self._pages.write(snapshot, self._lane(snapshot), touched=touched, report=report)
        report.seconds = self._clock.monotonic() - began
        return report

    def sweep_page(self, thing: str, *, after: int) -> tuple[PollReport, int | None]:
        """Compare the next things that are remembered, of any age; returns where to go on, None at the end."""
        report = PollReport(lane=LIVE, stopped=self._stopped())
        keys = () if report.stopped else self._state.remembered(thing, after=after, limit=SWEEP_PAGE)
        if not keys:
            return report, None
        began = self._clock.monotonic()
        with self._shop.snapshot() as snapshot:
            touched = Touched()
            self._compare(snapshot, thing, keys, touched=touched, report=report)
            self._pages.write(snapshot, self._lane(snapshot), touched=touched, report=report)
        report.seconds = self._clock.monotonic() - began
        return report, keys[-1]

    def _take(
        self, snapshot: Snapshot, feed: Feed, checkpoint: str | None, *, touched: Touched, report: PollReport
    ) -> None:
        """Read one feed; one whose statement fails waits for the next poll and holds up no other."""
        since = self._since()
        limit = self._settings.page_size
        try:
            if feed.kind == "touch":
                take_touch(
                    snapshot, feed, checkpoint=checkpoint, since=since, limit=limit, touched=touched, report=report
                )
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
        except ShopStatementError as error:
            report.failed[feed.name] = str(error)

    def _compare(
        self, snapshot: Snapshot, thing: str, keys: Sequence[int], *, touched: Touched, report: PollReport
    ) -> None:
        """Touch what looks different than before.

        Many things gone at once were not deleted one by one: the table is being restored or emptied. Believing it
        would exclude those customers for ever, so it is reported instead, and looked at again at the next sweep.
        """
        digests = snapshot.digests(thing, keys)
        remembered = self._state.recall([(thing, key) for key in digests])
        changed = {
            key: digest
            for key, digest in digests.items()
            if (thing, key) not in remembered or remembered[thing, key].digest != digest
        }
        vanished = [key for key, digest in changed.items() if not digest]
        if len(vanished) > max(MOST_VANISHED, len(digests) // 3):
            report.failed[f"sweep/{thing}"] = (
                f"{len(vanished)} of {len(digests)} rows vanished at once: not believed. "
                "Is the table being restored? What was deleted on purpose is found one by one."
            )
            changed = {key: digest for key, digest in changed.items() if digest}
        touched.add(thing, list(changed))
        touched.digests.update({(thing, key): digest for key, digest in changed.items()})

    def _stopped(self) -> dict[str, str]:
        """The feeds that cannot trust their table any more, with the reason."""
        tails = {feed.name for stream in self._streams for feed in stream.feeds if feed.kind == "tail"}
        marks = {name: load_tail(text) for name, text in self._state.marks(LIVE).items() if name in tails}
        return {name: mark.stopped for name, mark in marks.items() if mark.stopped}

    def _since(self) -> datetime | None:
        """Where feeds without a checkpoint begin: None for a little before now."""
        start = self._settings.start_from
        return None if start == "now" else datetime.fromisoformat(BEGINNING) if start == "beginning" else start

    def _lane(self, snapshot: Snapshot) -> Lane:
        """What the live lane owes: everything since its start, which is fixed once and for ever.

        Started `now`, it owes what was dated a little earlier too: a request in flight, or a web server whose clock is
        behind the database's, writes rows after the start that are dated before it.
        """
        start = self._since() or snapshot.reading.now.replace(microsecond=0) - START_GRACE
        return Lane(LIVE, Window(datetime.fromisoformat(self._state.claim_meta(START, start.isoformat()))))
