"""The pulse: how the work goes, kept in the state store every few seconds, so that it can be read from outside.

It carries no correctness: what it says is for people and monitoring, and losing it loses nothing.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from poller.engine.deliveries import DeliverReport
from poller.engine.reports import PollReport
from poller.errors import ConfigurationError, PollerError, TryAgainError
from poller.ports import Clock, State

PULSE: Final = "pulse"
EVERY: Final = timedelta(seconds=10)
_BUCKET_SECONDS: Final = 300
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_ERRORS_KEPT: Final = 10
_GAPS_AT_LEAST: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that went wrong, how often in a row, and what to do about it."""

    job: str
    error: str
    hint: str
    first_at: datetime
    last_at: datetime
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPulse:
    """One job: when it last ran, when it last went well, and how often it failed since."""

    last_at: datetime
    good_at: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How the shop sells: its newest order, and the longest pause between two of its latest ones."""

    newest_at: datetime | None = None
    longest_gap: timedelta | None = None


def rhythm_of(orders: Sequence[datetime]) -> Rhythm:
    """How often a shop sells, from the dates of its newest orders, the latest first."""
    gaps = [later - earlier for later, earlier in pairwise(orders)]
    return Rhythm(
        newest_at=orders[0] if orders else None,
        longest_gap=max(gaps) if len(gaps) >= _GAPS_AT_LEAST else None,
    )


@dataclass(slots=True)
class Vitals:
    """What the pulse holds; `complete_at` is, by feed, the last time when nothing that was committed was unread."""

    at: datetime | None = None
    jobs: dict[str, JobPulse] = field(default_factory=dict)
    complete_at: dict[str, datetime] = field(default_factory=dict)
    found_by_sweep: dict[int, int] = field(default_factory=dict)
    database_seconds: dict[int, float] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    rhythm: Rhythm = field(default_factory=Rhythm)
    working_since: datetime | None = None

    def found_since(self, moment: datetime) -> int:
        """Messages that only the sweep found, since then, to five minutes."""
        return sum(count for bucket, count in self.found_by_sweep.items() if bucket >= moment.timestamp())

    def database_since(self, moment: datetime) -> float:
        """Seconds the shop's database worked for us, since then, to five minutes."""
        return sum(spent for bucket, spent in self.database_seconds.items() if bucket >= moment.timestamp())


class Pulse:
    """Notes what jobs do, from any thread, and writes it down when it is time or something changed."""

    def __init__(self, state: State, clock: Clock, *, is_kept: bool = True) -> None:
        """`is_kept` is false for a backfill, which must not overwrite what the live lane says of itself."""
        self._state = state
        self._is_kept = is_kept
        self._clock = clock
        self._lock = threading.Lock()
        self._vitals = replace(read_vitals(state), working_since=clock.now())
        self._written_at: datetime | None = None
        self._is_news = False
        self._slowed: dict[str, Mapping[str, float]] = {}

    def looked(self, job: str, report: PollReport, *, began: datetime, database_seconds: float) -> None:
        """A poll or a page of a sweep went through."""
        with self._lock:
            self._went_well(job, began)
            if job == "poll":
                held_up = {*report.failed, *report.stopped, *report.behind}
                self._vitals.complete_at |= {name: began for name in report.rows if name not in held_up}
            self._add(self._vitals.found_by_sweep, report.found_by_sweep, began)
            self._add(self._vitals.database_seconds, database_seconds, began)
            for name, reason in {**report.failed, **report.stopped, **report.postponed}.items():
                self._trouble(f"{job}: {name}", reason, "")

    def sent(self, report: DeliverReport, *, began: datetime) -> None:
        """A delivery was tried, or there was nothing to deliver."""
        with self._lock:
            if report.reason and report.attempts:
                self._trouble("deliver", report.reason, report.hint)
            if report.stopped or report.waiting is not None:
                self._ran("deliver", began)
            else:
                self._went_well("deliver", began)

    def failed(self, job: str, error: PollerError, *, began: datetime) -> None:
        """A job came to nothing."""
        with self._lock:
            self._ran(job, began)
            self._trouble(job, error.message, error.hint)

    def sells(self, rhythm: Rhythm) -> None:
        """How the shop sells was looked up."""
        with self._lock:
            self._vitals.rhythm = rhythm

    def keep_slowed(self, who: str, slowed: Mapping[str, float]) -> None:
        """Store which readings run less often than they should, if they are others than before."""
        if self._slowed.get(who, {}).keys() != slowed.keys():
            self._slowed[who] = slowed
            self._state.set_meta(f"slowed/{who}", json.dumps(slowed))

    def write_if_due(self) -> None:
        """Store it if the last time is long enough ago, or something went wrong or well again."""
        with self._lock:
            now = self._clock.now()
            is_old = self._written_at is None or not timedelta(0) <= now - self._written_at < EVERY
            if not (is_old or self._is_news):
                return
            text = self._as_text(now)
            self._written_at, self._is_news = now, False
        self._keep(text)

    def write(self) -> None:
        """Store it now."""
        with self._lock:
            text = self._as_text(self._clock.now())
        self._keep(text)

    def _keep(self, text: str) -> None:
        """Store it; where that fails, so does the work itself, which tells it better."""
        if self._is_kept:
            with suppress(ConfigurationError, TryAgainError):
                self._state.set_meta(PULSE, text)

    def _went_well(self, job: str, at: datetime) -> None:
        before = self._vitals.jobs.get(job)
        self._is_news |= before is None or before.failures > 0
        self._vitals.jobs[job] = JobPulse(last_at=at, good_at=at)

    def _ran(self, job: str, at: datetime) -> None:
        before = self._vitals.jobs.get(job) or JobPulse(last_at=at)
        self._vitals.jobs[job] = replace(before, last_at=at, failures=before.failures + 1)

    def _trouble(self, job: str, error: str, hint: str) -> None:
        now = self._clock.now()
        for at, known in enumerate(self._vitals.troubles):
            if (known.job, known.error) == (job, error):
                self._vitals.troubles.pop(at)
                self._vitals.troubles.append(replace(known, last_at=now, times=known.times + 1))
                return
        self._is_news = True
        trouble = Trouble(job=job, error=error, hint=hint, first_at=now, last_at=now)
        self._vitals.troubles = [*self._vitals.troubles, trouble][-_ERRORS_KEPT:]

    def _add(self, buckets: dict[int, Any], amount: float, at: datetime) -> None:
        if amount:
            bucket = int(at.timestamp()) // _BUCKET_SECONDS * _BUCKET_SECONDS
            buckets[bucket] = round(buckets.get(bucket, 0) + amount, 6)

    def _as_text(self, now: datetime) -> str:
        vitals = self._vitals
        vitals.at = now
        for buckets, kept in ((vitals.found_by_sweep, _DAY), (vitals.database_seconds, _HOUR)):
            for bucket in [bucket for bucket in buckets if bucket < (now - kept).timestamp() - _BUCKET_SECONDS]:
                del buckets[bucket]
        return json.dumps(asdict(vitals), default=_plain, separators=(",", ":"))


def read_vitals(state: State) -> Vitals:
    """What was written last; nothing if nothing can be read: a later version may write it otherwise."""
    text = state.meta(PULSE)
    try:
        return _vitals(json.loads(text)) if text else Vitals()
    except (KeyError, TypeError, ValueError, AttributeError):
        return Vitals()


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
    raise TypeError(f"{type(value).__name__} in the pulse")


def _vitals(body: Mapping[str, Any]) -> Vitals:
    gap = body["rhythm"]["longest_gap"]
    return Vitals(
        at=_moment(body["at"]),
        jobs={name: JobPulse(**_moments(job, ("last_at", "good_at"))) for name, job in body["jobs"].items()},
        complete_at={name: datetime.fromisoformat(at) for name, at in body["complete_at"].items()},
        found_by_sweep={int(bucket): int(count) for bucket, count in body["found_by_sweep"].items()},
        database_seconds={int(bucket): float(spent) for bucket, spent in body["database_seconds"].items()},
        troubles=[Trouble(**_moments(trouble, ("first_at", "last_at"))) for trouble in body["troubles"]],
        rhythm=Rhythm(
            newest_at=_moment(body["rhythm"]["newest_at"]),
            longest_gap=None if gap is None else timedelta(seconds=gap),
        ),
        working_since=_moment(body["working_since"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _moments(fields: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {**fields, **{name: _moment(fields[name]) for name in names}}
