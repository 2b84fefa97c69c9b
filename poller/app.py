"""The App: one engine behind every door, on the parts that the settings name."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from poller.assembly import (
    NAMESPACE,
    find_namespace,
    lock_name,
    make_composer,
    make_dispatch,
    make_policy,
    make_senders,
    make_shop,
    policy_of,
)
from poller.config import Settings
from poller.core.policy import Policy
from poller.engine.backfill import Backfill, Period, Progress
from poller.engine.clock import SystemClock
from poller.engine.deliveries import DeliverReport
from poller.engine.dispatch import Dispatch
from poller.engine.pages import LIVE, Pages
from poller.engine.poll import Poll, PollSettings, StartFrom
from poller.engine.pruned import require_kept
from poller.engine.pulse import Pulse
from poller.engine.reports import PollReport, WorkReport
from poller.engine.sweep import Sweep
from poller.engine.turns import Turns
from poller.engine.watch import Watch
from poller.errors import BugError, ConfigurationError, SegmentUnreachableError, ShopStatementError, StateBusyError
from poller.own_events import streams_of
from poller.state.locks import HolderLock
from poller.state.store import StateStore, open_state

CROWDED = 50_000
"""So many messages waiting in the outbox: a backfill stops reading until they are fewer."""
NEWEST = 200
"""So many orders tell how often a shop sells."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What exists once the state is open and the installation has a name."""

    state: StateStore
    policy: Policy
    pages: Pages
    poll: Poll
    sweep: Sweep
    deliver: Dispatch
    watch: Watch


class App:
    """The poller, put together: `start` before any work, `close` after it. Poll and deliver may have two threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self._shop = make_shop(settings)
        self._streams = streams_of(self._shop)
        self._senders = make_senders(settings)
        self._turns = Turns()
        self._held = ExitStack()
        self._delivery: HolderLock | None = None
        self._parts: _Parts | None = None

    # ------------------------------------------------------------ life

    def start(self, door: str, *, lane: str | None = LIVE) -> None:
        """Open the state, take the live lane (a backfill takes its own later), and learn the installation's name.

        Raises StateBusyError when another process has the lane, ConfigurationError, or ShopUnreachableError at a first
        start without the shop.
        """
        url = self.settings.state.url
        state = self._held.enter_context(open_state(url))
        if lane:
            self._held.enter_context(HolderLock(url, lock_name(lane), door=door))
        if not self.settings.namespace:
            state.claim_meta(NAMESPACE, str(find_namespace(self.settings, state, self._shop)))
        self._parts = self._assemble(state, is_live=lane == LIVE)

    def close(self) -> None:
        """Let everything go; safe to call twice."""
        if self._parts:
            self._parts.deliver.close()
            self._parts.watch.close()
        self._parts = None
        if self._delivery:
            self._delivery.release()
            self._delivery = None
        self._held.close()

    def _assemble(self, state: StateStore, *, is_live: bool) -> _Parts:
        policy = policy_of(self.settings, state, self._shop, self.clock.now())
        pages = Pages(state, make_composer(self.settings, policy.namespace), streams=self._streams, policy=policy)
        settings = PollSettings(
            start_from=self._start_from(),
            page_size=self.settings.page_size,
            gap_ttl=self.settings.gap_ttl,
            load_budget=self.settings.shop.load_budget,
        )
        poll = Poll(self._shop, state, pages=pages, streams=self._streams, settings=settings, clock=self.clock)
        sweep = Sweep(self._shop, state, pages, self._streams, settings, self.clock)
        dispatch = make_dispatch(self._senders, state, self.clock, rate=self.settings.segment.rate_limit)
        pulse = Pulse(state, self.clock, is_kept=is_live)
        watch = Watch(pulse, self.clock, spent=lambda: self._shop.seconds, count=state.count_deferred)
        return _Parts(state, policy, pages, poll, sweep, dispatch, watch)

    def _start_from(self) -> StartFrom:
        start = self.settings.start_from
        return self.in_utc(start) if isinstance(start, datetime) else start

    def in_utc(self, moment: datetime) -> datetime:
        """A moment as UTC; one without a zone is the shop's own local time."""
        zone = moment.tzinfo or self._shop.reference().time.zone
        return moment.replace(tzinfo=zone).astimezone(UTC)

    @property
    def _started(self) -> _Parts:
        if self._parts is None:
            raise BugError("App.start was not called")
        return self._parts

    # ------------------------------------------------------------ work

    def poll_once(self) -> PollReport:
        """One page of every feed."""
        with self._turns.first():
            report = self._started.watch.look("poll", self._started.poll.once)
            self._started.watch.listen(lambda: self._shop.newest_orders(NEWEST))
        self._started.watch.note_slowed("feeds", report)
        return report

    @property
    def sweep(self) -> Sweep:
        """The sweep itself, for measuring."""
        return self._started.sweep

    def sweep_recent(self) -> Iterator[PollReport]:
        """What changed silently among recent things, a step at a time; polls may come between."""
        return self._after_polls("hot_sweep", self._started.sweep.recent())

    def sweep_all(self) -> Iterator[PollReport]:
        """Orders of any age whose state was set silently, a step at a time."""
        return self._after_polls("sweep", self._started.sweep.states())

    def walk(self) -> Iterator[PollReport]:
        """The next stretch of the walk over everything, as far as the load budget allows."""
        return self._after_polls("walk", self._started.sweep.walk())

    def _after_polls(self, job: str, steps: Iterator[PollReport]) -> Iterator[PollReport]:
        """Each step in a turn of its own; after one that had to work, as long a pause."""
        while not self.clock.is_stopped:
            with self._turns.after_others():
                report = self._started.watch.step(job, steps)
            if report is None:
                return
            self._started.watch.note_slowed("sweeps", report)
            yield report
            if report.things:
                self.clock.wait(report.seconds)

    def deliver_once(self) -> DeliverReport:
        """The next batch of the outbox; nothing while another process delivers."""
        return self._send(self._started.deliver.once)

    def _deliver_all(self) -> DeliverReport:
        """All that waits in the outbox, until it is empty or Segment says not now."""
        return self._send(self._started.deliver.drain)

    def _send(self, send: Callable[[], DeliverReport]) -> DeliverReport:
        """Deliver, if this process may."""
        return self._started.watch.send(send) if self._may_deliver() else DeliverReport(is_empty=True)

    def catch_up(self) -> WorkReport:
        """Everything up to now. Raises TryAgainError when the shop or Segment cannot be reached, with nothing lost."""
        total = WorkReport(lane=LIVE)
        has_more = True
        while has_more and not self.clock.is_stopped:
            page = self.poll_once()
            total.add(page)
            has_more = page.has_more
        for report in self._after_polls("sweep", self._started.sweep.owed(self.settings.schedule.sweep)):
            total.add(report)
        self._drain(total)
        for feed, reason in total.stopped.items():
            hint = "Was the shop restored from a backup? See docs/how-to/restore.md, then `poller state resume`."
            raise ConfigurationError(f"The feed {feed} stopped: {reason}.", hint=hint)
        for feed, reason in total.failed.items():
            raise ShopStatementError(f"The feed {feed} could not be read. {reason}", hint="See `poller check`.")
        return total

    def backfill(
        self,
        since: datetime,
        until: datetime | None,
        only: frozenset[str],
        *,
        rate: float | None = None,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> WorkReport:
        """A closed period, in a lane of its own; killed at any point, the same call goes on from there."""
        first = self.in_utc(since)
        require_kept(self._started.state, first)
        period = self._period(first, until, only)
        lock = HolderLock(self.settings.state.url, lock_name(period.lane), door="backfill")
        self._held.enter_context(lock)
        state = self._started.state
        if rate is not None:
            self._limit(make_dispatch(self._senders, state, self.clock, rate=max(int(rate), 1)))
        total = WorkReport(lane=period.lane)
        for page, so_far in self._reader(state, self._started.pages).pages(period):
            total.add(page)
            progress(so_far)
            self._send_some(total)
            if self.clock.is_stopped:
                return total
        self._drain(total)
        return total

    def _limit(self, deliver: Dispatch) -> None:
        parts = self._started
        parts.deliver.close()
        self._parts = replace(parts, deliver=deliver)

    def _reader(self, state: StateStore, pages: Pages) -> Backfill:
        size = self.settings.page_size
        return Backfill(self._shop, state, pages=pages, streams=self._streams, page_size=size, clock=self.clock)

    def rehearse(
        self,
        since: datetime,
        until: datetime | None,
        only: frozenset[str],
        *,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> WorkReport:
        """A backfill into a state store in memory: counted and forgotten, nothing sent; needs no `start`."""
        period = Period(self.in_utc(since), self.in_utc(until) if until else self.clock.now(), only)
        total = WorkReport(lane=period.lane, is_dry=True)
        with open_state("sqlite://") as state:
            policy = make_policy(self.settings, find_namespace(self.settings, None, self._shop))
            pages = Pages(state, make_composer(self.settings, policy.namespace), streams=self._streams, policy=policy)
            for page, so_far in self._reader(state, pages).pages(period):
                total.add(page)
                progress(so_far)
                if self.clock.is_stopped:
                    break
        return total

    def _period(self, since: datetime, until: datetime | None, only: frozenset[str]) -> Period:
        """The period; an open end is fixed at its first start, so that a run that was killed resumes the same one."""
        if until is not None:
            return Period(since, self.in_utc(until), only)
        key = f"backfill {since.isoformat()} now {','.join(sorted(only)) or 'all'}"
        fixed = self._started.state.claim_meta(key, self.clock.now().isoformat())
        return Period(since, datetime.fromisoformat(fixed), only)

    def _send_some(self, total: WorkReport) -> None:
        """Deliver between two pages; where messages pile up, wait for them."""
        while not self.clock.is_stopped:
            self._count(total, self._deliver_all())
            if self._started.state.outbox_size().pending < CROWDED:
                return
            self.clock.wait(1.0)

    def _drain(self, total: WorkReport) -> None:
        """Empty the outbox, or wait until the process that delivers has done so."""
        while not self.clock.is_stopped:
            report = self._deliver_all()
            self._count(total, report)
            if report.stopped:
                raise ConfigurationError(f"Segment did not take everything: {report.stopped}", hint=report.hint)
            if report.waiting is not None:
                raise SegmentUnreachableError(
                    f"Segment did not take everything: {report.reason}",
                    hint="Nothing is lost: the rest stays in the outbox. See `poller status`.",
                )
            if self._started.state.outbox_size().pending == 0:
                return
            self.clock.wait(0.2)

    def _count(self, total: WorkReport, report: DeliverReport) -> None:
        total.delivered += report.delivered
        total.buried += report.buried

    def _may_deliver(self) -> bool:
        """Whether this process delivers; only one does at a time, and keeps it until it ends."""
        if self._delivery:
            return True
        lock = HolderLock(self.settings.state.url, "deliver", door="deliver")
        with suppress(StateBusyError):
            lock.acquire()
            self._delivery = lock
        return self._delivery is not None
