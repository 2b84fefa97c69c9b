"""The backfill: the facts of a closed period, read in pages of ids, each page a checkpoint of a lane of its own."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from poller.core.feeds import Change, Feed
from poller.core.policy import Window
from poller.core.seek import MARGIN_ROWS, id_before
from poller.engine.keeping import Keeping
from poller.engine.pages import Lane, Pages, Touched
from poller.engine.reports import PollReport
from poller.ports import Clock, Shop, Snapshot
from poller.streams.outcome import Stream

FOLLOWED = (
    "customer",
    "orders",
    "order_history",
    "order_slip",
    "emailsubscription",
    "mail",
    "customer_message",
    "statssearch",
)
"""The feeds whose rows date the facts; what happened to an order in the period wrote a row into one of them."""


def is_followed(stream: Stream, feed: Feed) -> bool:
    """Whether a backfill reads the feed: those whose rows date facts, and every logbook."""
    return feed.name in FOLLOWED or stream.is_logbook


FRESH = timedelta(hours=2)
"""Rows dated so lately are looked at whenever they turn up: what they belong to may just be being written."""
_BLOCK = 4_096


@dataclass(frozen=True, slots=True)
class Period:
    """What a backfill covers; `only` names kinds of things, empty for all."""

    since: datetime
    until: datetime
    only: frozenset[str] = frozenset()

    @property
    def lane(self) -> str:
        """The lane's name: the same period resumes the same lane."""
        only = ",".join(sorted(self.only)) or "all"
        return f"backfill {self.since.isoformat()} {self.until.isoformat()} {only}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A feed's part of the period: ids `after < id <= end` are still to be read."""

    first: int
    after: int
    end: int

    @property
    def is_done(self) -> bool:
        """Whether nothing is left."""
        return self.after >= self.end


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a backfill is: rows done and in all, over all feeds, and new messages so far.

    Of the outbox: `waiting` are messages of this run that are still in it, `refused` those that became dead letters
    meanwhile. `pause` says why nothing is read just now.
    """

    done_rows: int
    total_rows: int
    events: int
    waiting: int = 0
    refused: int = 0
    pause: str = ""


@dataclass(slots=True)
class Seen:
    """Keys of one kind of thing, a bit each: a million of them take 125 kB."""

    blocks: dict[int, int] = field(default_factory=dict)

    def __contains__(self, key: int) -> bool:
        block, bit = divmod(key, _BLOCK)
        return bool(self.blocks.get(block, 0) >> bit & 1)

    def add(self, keys: Iterable[int]) -> None:
        """Note keys."""
        for key in keys:
            block, bit = divmod(key, _BLOCK)
            self.blocks[block] = self.blocks.get(block, 0) | 1 << bit


class Backfill:
    """Reads a period and commits what it proves; killed at any point, it goes on from the last page."""

    def __init__(
        self, shop: Shop, state: Keeping, *, pages: Pages, streams: Sequence[Stream], page_size: int, clock: Clock
    ) -> None:
        self._shop = shop
        self._state = state
        self._pages = pages
        self._streams = streams
        self._page_size = page_size
        self._clock = clock

    def pages(self, period: Period, *, lane: str = "") -> Iterator[tuple[PollReport, Progress]]:
        """Do the period, page by page, in its own lane or another; the caller may stop between pages."""
        return self._pages_of(period, Lane(lane or period.lane, Window(period.since, period.until)))

    def _pages_of(self, period: Period, lane: Lane) -> Iterator[tuple[PollReport, Progress]]:
        stretches = self._stretches(lane, period)
        seen = {feed.thing: Seen() for feed in stretches}
        events = 0
        for feed in stretches:
            while not stretches[feed].is_done:
                report, stretches[feed] = self._page(lane, feed, stretches[feed], seen=seen[feed.thing])
                events += sum(report.events.values())
                done = sum(stretch.after - stretch.first for stretch in stretches.values())
                total = sum(stretch.end - stretch.first for stretch in stretches.values())
                yield report, Progress(done, total, events)

    def _stretches(self, lane: Lane, period: Period) -> dict[Feed, Stretch]:
        marks = self._state.marks(lane.name)
        wanted = [
            feed
            for stream in self._streams
            for feed in stream.feeds
            if is_followed(stream, feed) and _is_wanted(stream, period)
        ]
        with self._shop.snapshot() as snapshot:
            return {
                feed: Stretch(**json.loads(marks[feed.name]))
                if feed.name in marks
                else _stretch(snapshot, feed, period)
                for feed in wanted
            }

    def _page(self, lane: Lane, feed: Feed, stretch: Stretch, *, seen: Seen) -> tuple[PollReport, Stretch]:
        report = PollReport(lane=lane.name)
        began = self._clock.monotonic()
        with self._shop.snapshot() as snapshot:
            rows = snapshot.changes(feed, after=stretch.after, until=stretch.end, limit=self._page_size)
            after = rows[-1].mark_id if len(rows) == self._page_size else stretch.end
            touched = Touched()
            touched.add(feed.thing, _worth_a_look(snapshot, rows, seen))
            next_stretch = replace(stretch, after=after)
            touched.marks[feed.name] = json.dumps(asdict(next_stretch))
            report.rows[feed.name] = len(rows)
            self._pages.write(snapshot, lane, touched=touched, report=report)
        seen.add(row.key_id for row in rows)
        report.seconds = self._clock.monotonic() - began
        return report, next_stretch


def _is_wanted(stream: Stream, period: Period) -> bool:
    """Whether the period is of such things: of all of them, but for those that must be named."""
    return stream.thing in period.only if period.only else not stream.is_on_demand


def _worth_a_look(snapshot: Snapshot, rows: Sequence[Change], seen: Seen) -> list[int]:
    """The rows' keys without those this run has derived: an order's own row, its states and its slips are one order."""
    fresh = snapshot.local_text(snapshot.reading.now - FRESH)
    return [row.key_id for row in rows if row.key_id not in seen or row.stamp >= fresh]


def _stretch(snapshot: Snapshot, feed: Feed, period: Period) -> Stretch:
    """The ids whose rows may lie in the period, with a margin: stamps only roughly follow ids."""
    newest = snapshot.newest(feed)

    def place(moment: datetime) -> int:
        return id_before(snapshot.local_text(moment), newest, _probe(snapshot, feed))

    first = place(period.since - feed.slack - feed.reach)
    return Stretch(first, first, min(place(period.until + feed.slack) + 2 * MARGIN_ROWS, newest))


def _probe(snapshot: Snapshot, feed: Feed) -> Callable[[int], str | None]:
    def stamp_after(after: int) -> str | None:
        rows = snapshot.changes(feed, after=after, until=2**62, limit=1)
        return rows[0].stamp if rows else None

    return stamp_after
