"""The history: what the App does about the past, in lanes of its own: send a period, or count it."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from poller.app import App
from poller.assembly import find_namespace, find_sources, known_first_run, make_composer, make_policy
from poller.core.packing import BATCH_ROWS
from poller.core.policy import Policy
from poller.engine.allowance import Allowance
from poller.engine.backfill import Backfill, Period, Progress
from poller.engine.between import Between
from poller.engine.courtesy import Courtesy
from poller.engine.keeping import Keeping
from poller.engine.pages import Pages
from poller.engine.pruned import require_kept
from poller.engine.rehearsal import Count, Rehearsal
from poller.engine.reports import WorkReport
from poller.state.location import state_file
from poller.state.store import StateStore, open_state

_PAGE_SECONDS = 2
"""With --rate, a page holds about what may be sent in so many seconds, so that sending is even."""
_SMALLEST_PAGE = 10


@dataclass(frozen=True, slots=True)
class Span:
    """What was asked for: a moment without a zone is the shop's own local time; no end is now; `only` empty is all."""

    since: datetime
    until: datetime | None = None
    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A dry run: what a run would report, and what was counted; `rate` is the messages a second it would send."""

    report: WorkReport
    count: Count
    rate: float

    def as_json(self) -> dict[str, Any]:
        """All of it, for people and programs."""
        count = self.count
        return {
            **self.report.as_log(),
            "messages": count.messages,
            "users": count.users,
            "bytes": count.bytes,
            "requests": count.requests,
            "rate": self.rate,
            "seconds_at_rate": round(count.messages / self.rate, 1),
            "months": {month: dict(sorted(names.items())) for month, names in count.months.items()},
            "samples": count.samples,
        }


class History:
    """Works on an App: `start` it for all but `rehearse`, which only looks."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._settings = app.settings

    def backfill(
        self, span: Span, *, rate: float | None = None, show: Callable[[Progress], None] = lambda _: None
    ) -> WorkReport:
        """A closed period, in a lane of its own; killed at any point, the same call goes on from there."""
        app = self._app
        first = app.in_utc(span.since)
        require_kept(app.state, first)
        period = Period(first, self._end(app.state, span, first), span.only)
        app.hold(period.lane, door="backfill")
        has_begun = bool(app.state.marks(period.lane))
        reader = self._reader(app.state, app.policy, rate)
        total = WorkReport(lane=period.lane, told_before=0)
        between = self.between(total, rate=rate, show=show)
        between.begin()
        for page, progress in reader.pages(period):
            if between.after(page, progress):
                return total
        app.drain(total, meanwhile=between.show)
        total.note = self._note(total, has_begun=has_begun)
        return total

    def between(self, total: WorkReport, *, rate: float | None, show: Callable[[Progress], None]) -> Between:
        """What goes on between the pages of a run."""
        app, choice = self._app, self._settings.backfill
        if rate is not None:
            app.limit(rate)
        return Between(
            clock=app.clock,
            send=app.deliver_beside,
            size=app.state.outbox_size,
            hear=show,
            courtesy=Courtesy(app.shop.pressure, app.clock, most_threads=choice.most_threads, most_lag=choice.most_lag),
            total=total,
            pace=None if rate is None else Allowance(rate, app.clock),
        )

    def rehearse(
        self, span: Span, *, rate: float | None = None, show: Callable[[Progress], None] = lambda _: None
    ) -> Rehearsed:
        """What a backfill would send now: the same pages, counted instead of stored. Needs no `start`."""
        app = self._app
        pace = rate or float(self._settings.segment.rate_limit)
        with ExitStack() as stack:
            state = stack.enter_context(self._state_as_it_is())
            first = app.in_utc(span.since)
            require_kept(state, first)
            kept = state.meta(_open_end(first, span.only))
            until = app.in_utc(span.until) if span.until else datetime.fromisoformat(kept) if kept else app.clock.now()
            period = Period(first, until, span.only)
            rehearsal = Rehearsal(
                state,
                zone=app.shop.reference().time.zone,
                sources=find_sources(self._settings),
                batch_rows=max(min(BATCH_ROWS, int(pace)), 1),
            )
            namespace = find_namespace(self._settings, state, app.shop)
            policy = make_policy(self._settings, namespace, first_run=known_first_run(state, app.clock.now()))
            total = WorkReport(lane=period.lane, told_before=0, is_dry=True)
            has_begun = bool(state.marks(period.lane))
            for page, progress in self._reader(rehearsal, policy, rate).pages(period):
                total.add(page)
                show(progress)
                if app.clock.is_stopped:
                    break
            total.note = self._note(total, has_begun=has_begun)
        return Rehearsed(total, rehearsal.count(), pace)

    def _state_as_it_is(self) -> StateStore:
        """The state store, to look at; where none was made yet, an empty one in memory."""
        file = state_file(self._settings.state.url)
        if file is None or (file.is_file() and file.stat().st_size):
            return open_state(self._settings.state.url, read_only=file is not None)
        return open_state("sqlite://")

    def _reader(self, state: Keeping, policy: Policy, rate: float | None) -> Backfill:
        app = self._app
        composer = make_composer(self._settings, policy.namespace, is_historical=True)
        pages = Pages(state, composer, streams=app.streams, policy=policy)
        size = self._settings.page_size
        if rate is not None:
            size = min(size, max(int(rate * _PAGE_SECONDS), _SMALLEST_PAGE))
        return Backfill(app.shop, state, pages=pages, streams=app.streams, page_size=size, clock=app.clock)

    def _end(self, state: StateStore, span: Span, first: datetime) -> datetime:
        """The end; an open one is fixed at its first start, so that a run that was killed resumes the same period."""
        if span.until is not None:
            return self._app.in_utc(span.until)
        fixed = state.claim_meta(_open_end(first, span.only), self._app.clock.now().isoformat())
        return datetime.fromisoformat(fixed)

    def _note(self, total: WorkReport, *, has_begun: bool) -> str:
        """What to say of a run that found nothing to send."""
        if total.events:
            return ""
        if total.told_before:
            return f"Nothing to send: all {total.told_before:,} messages of this period were told before."
        if has_begun and not total.pages:
            return "Nothing to send: this period was read to its end before."
        newest = self._app.shop.newest_orders(1)
        orders = f"Its newest order is of {newest[0]:%Y-%m-%d %H:%M} UTC." if newest else "It has no order."
        return f"Nothing to send: the shop holds nothing of this period. {orders}"


def _open_end(first: datetime, only: frozenset[str]) -> str:
    return f"backfill {first.isoformat()} now {','.join(sorted(only)) or 'all'}"
