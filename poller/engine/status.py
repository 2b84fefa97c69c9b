"""How the poller stands, from the state store alone: it answers whether the daemon runs or not."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from poller.core.marks import load_tail
from poller.core.watermarks import Watermark
from poller.engine.pages import LIVE
from poller.engine.poll import START
from poller.ports import Delivery, State


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """One feed: how far it was read, and what it waits for."""

    name: str
    seen: int | None
    gaps: int
    stopped: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One source in Segment: the shops it is for (none: all others), what waits for it, and how delivery stands."""

    name: str
    shops: Sequence[int]
    pending: int
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the poller stands. `holder` names who runs the live lane; empty when nobody does.

    `delivery` is that of the default source; `sources` are all of them.
    """

    namespace: str
    start_from: str
    holder: str
    feeds: Sequence[FeedStatus]
    pending: int
    buried: int
    oldest_at: datetime | None
    by_lane: Mapping[str, int]
    delivered: Mapping[str, int]
    delivery: Delivery
    suppressed: Mapping[int, str]
    waiting_orders: int
    state_bytes: int
    sources: Sequence[SourceStatus] = ()

    def as_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON once dates are text."""
        return asdict(self)


def feed_status(marks: Mapping[str, str]) -> list[FeedStatus]:
    """What the live lane's checkpoints say."""
    return [_feed(name, text) for name, text in sorted(marks.items())]


def _feed(name: str, text: str) -> FeedStatus:
    try:
        mark: Watermark = load_tail(text)
    except (KeyError, TypeError):
        return FeedStatus(name=name, seen=None, gaps=0, stopped="")
    missing = sum(gap.last - gap.first + 1 for gap in mark.gaps)
    return FeedStatus(name=name, seen=mark.seen, gaps=missing, stopped=mark.stopped)


def start_of(state: State) -> str:
    """From when on facts are owed; empty before the first poll."""
    return state.meta(START) or ""


def live_feeds(state: State) -> list[FeedStatus]:
    """The live lane's feeds."""
    return feed_status(state.marks(LIVE))
