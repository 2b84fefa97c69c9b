"""How the poller stands, from the state store alone: it answers whether the daemon runs or not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from json import loads

from poller.core.marks import load_tail
from poller.core.watermarks import Watermark
from poller.engine.pages import LIVE
from poller.engine.poll import START
from poller.engine.pulse import JobPulse, Rhythm, Trouble, Vitals
from poller.engine.walk import Progress
from poller.ports import Delivery, State

QUIET_TIMES = 3
"""So many times the longest usual pause without an order is unusual."""
QUIET_AT_LEAST = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """One feed: how far it was read, what it waits for, and for how many seconds commits may be unread."""

    name: str
    seen: int | None
    gaps: int
    stopped: str
    lag_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStatus:
    """One job of the daemon: its last run, the last that went well, the next one if it is known."""

    last_at: datetime
    good_at: datetime | None
    next_at: datetime | None
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseLoad:
    """How long the shop's database worked for the poller in the last hour, and which part of one core that was."""

    seconds: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the process that works said of itself, at `at`; the rest is as it stands in the state store."""

    at: datetime | None = None
    working_since: datetime | None = None
    jobs: Mapping[str, JobStatus] = field(default_factory=dict)
    found_by_sweep: Mapping[str, int] = field(default_factory=dict)
    database: DatabaseLoad | None = None
    troubles: Sequence[Trouble] = ()
    newest_order_at: datetime | None = None
    is_unusually_quiet: bool = False


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

    `delivery` is that of the default source; `sources` are all of them. `lag_seconds` is how old a commit may be that
    Segment has not got yet, None before the first poll. `ever`, `last_hour` and `last_day` count messages by outcome
    and name. `slowed` are readings that run only once in so many seconds, to keep within the load budget. `walk` is
    the sweep's way over everything.
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
    lag_seconds: float | None = None
    last_hour: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    last_day: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    ever: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    work: Work = Work()
    slowed: Mapping[str, float] = field(default_factory=dict)
    walk: Progress = field(default_factory=Progress)

    def as_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON once dates are text."""
        return asdict(self)


def feed_status(marks: Mapping[str, str], vitals: Vitals, now: datetime) -> list[FeedStatus]:
    """What the live lane's checkpoints say, and since when each feed is behind."""
    return [_feed(name, text, _seconds(now, vitals.complete_at.get(name))) for name, text in sorted(marks.items())]


def _feed(name: str, text: str, lag_seconds: float | None) -> FeedStatus:
    try:
        mark: Watermark = load_tail(text)
    except (KeyError, TypeError):
        return FeedStatus(name=name, seen=None, gaps=0, stopped="", lag_seconds=lag_seconds)
    missing = sum(gap.last - gap.first + 1 for gap in mark.gaps)
    return FeedStatus(name=name, seen=mark.seen, gaps=missing, stopped=mark.stopped, lag_seconds=lag_seconds)


def lag(expected: Iterable[str], oldest_at: datetime | None, vitals: Vitals, now: datetime) -> float | None:
    """How old a commit may be that did not arrive yet, in seconds: unread in the shop, or waiting in the outbox.

    None while one of the feeds there should be was never read to its end.
    """
    read = [_seconds(now, vitals.complete_at.get(feed)) for feed in expected]
    known = [seconds for seconds in read if seconds is not None]
    return max(*known, _seconds(now, oldest_at) or 0.0) if len(known) == len(read) else None


def _seconds(now: datetime, then: datetime | None) -> float | None:
    return None if then is None else round(max((now - then).total_seconds(), 0.0), 3)


def work(vitals: Vitals, schedule: Mapping[str, timedelta], now: datetime, *, is_running: bool) -> Work:
    """What the process that works said of itself; jobs have a next run only while it is there."""
    since = {"last_hour": now - timedelta(hours=1), "last_day": now - timedelta(days=1)}
    return Work(
        at=vitals.at,
        working_since=vitals.working_since if is_running else None,
        jobs={name: _job(job, schedule.get(name) if is_running else None) for name, job in sorted(vitals.jobs.items())},
        found_by_sweep={span: vitals.found_since(moment) for span, moment in since.items()},
        database=_load(vitals, now),
        troubles=tuple(sorted(vitals.troubles, key=lambda trouble: trouble.last_at, reverse=True)),
        newest_order_at=vitals.rhythm.newest_at,
        is_unusually_quiet=is_quiet(vitals.rhythm, now),
    )


def _job(job: JobPulse, every: timedelta | None) -> JobStatus:
    return JobStatus(
        last_at=job.last_at,
        good_at=job.good_at,
        next_at=job.last_at + every if every else None,
        failures=job.failures,
    )


def _load(vitals: Vitals, now: datetime) -> DatabaseLoad | None:
    if not vitals.database_seconds:
        return None
    began = max(vitals.working_since or now, now - timedelta(hours=1))
    watched = max((now - began).total_seconds(), 1.0)
    seconds = vitals.database_since(began - timedelta(minutes=5))
    return DatabaseLoad(seconds=round(seconds, 3), share=round(seconds / watched, 6))


def is_quiet(rhythm: Rhythm, now: datetime) -> bool:
    """Whether no order came for unusually long, by the shop's own habits."""
    if rhythm.newest_at is None or rhythm.longest_gap is None:
        return False
    return now - rhythm.newest_at > max(rhythm.longest_gap * QUIET_TIMES, QUIET_AT_LEAST)


def complaint(status: Status, most_seconds: float) -> str:
    """What monitoring should know; empty if all is in time."""
    if stopped := [feed.name for feed in status.feeds if feed.stopped]:
        return f"stopped are the feeds {', '.join(stopped)}"
    if stopped := [standing.reason for standing in _standings(status) if standing.stopped]:
        return f"sending stopped: {stopped[0]}"
    if status.lag_seconds is None:
        return "there was no whole poll yet"
    if status.lag_seconds > most_seconds:
        return f"the lag is {status.lag_seconds:.0f} s, more than {most_seconds:g} s"
    return ""


def _standings(status: Status) -> list[Delivery]:
    return [status.delivery, *(source.delivery for source in status.sources)]


def slowed(state: State) -> Mapping[str, float]:
    """Readings that the load budget slows down, and the seconds between two of them."""
    return {
        name: pause for who in ("feeds", "sweeps") for name, pause in loads(state.meta(f"slowed/{who}") or "{}").items()
    }


def start_of(state: State) -> str:
    """From when on facts are owed; empty before the first poll."""
    return state.meta(START) or ""


def live_feeds(state: State, vitals: Vitals, now: datetime) -> list[FeedStatus]:
    """The live lane's feeds."""
    return feed_status(state.marks(LIVE), vitals, now)
