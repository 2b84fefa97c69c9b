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
    make_senders,
    make_shop,
    policy_of,
)
from poller.config import Settings
from poller.core.policy import Policy
from poller.engine.clock import SystemClock
from poller.engine.deliveries import DeliverReport
from poller.engine.dispatch import Dispatch
from poller.engine.pages import LIVE, Pages
from poller.engine.poll import Poll, PollSettings, StartFrom
from poller.engine.pulse import Pulse
from poller.engine.reports import PollReport, WorkReport
from poller.engine.sweep import Sweep
from poller.engine.turns import Turns
from poller.engine.watch import Watch
from poller.errors import BugError, ConfigurationError, SegmentUnreachableError, ShopStatementError, StateBusyError
from poller.own_events import streams_of
from poller.state.locks import HolderLock, is_held
from poller.state.store import StateStore, open_state

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
        self.shop = make_shop(settings)
        self.streams = streams_of(self.shop)
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
            self.hold(lane, door=door)
        if not self.settings.namespace:
            state.claim_meta(NAMESPACE, str(find_namespace(self.settings, state, self.shop)))
        self._parts = self._assemble(state, is_live=lane == LIVE)

    def close(self) -> None:
        """Let everything go; safe to call twice."""
        if self._parts:
            self._parts.deliver.close()
            self._parts.watch.close()
        self._parts = None
        self._let_go()
        self._held.close()

    def _assemble(self, state: StateStore, *, is_live: bool) -> _Parts:
        policy = policy_of(self.settings, state, self.shop, self.clock.now())
        pages = Pages(state, make_composer(self.settings, policy.namespace), streams=self.streams, policy=policy)
        settings = PollSettings(
            start_from=self._start_from(),
            page_size=self.settings.page_size,
            gap_ttl=self.settings.gap_ttl,
            load_budget=self.settings.shop.load_budget,
        )
        poll = Poll(self.shop, state, pages=pages, streams=self.streams, settings=settings, clock=self.clock)
        sweep = Sweep(self.shop, state, pages, self.streams, settings, self.clock)
        dispatch = make_dispatch(self._senders, state, self.clock, rate=self.settings.segment.rate_limit)
        pulse = Pulse(state, self.clock, is_kept=is_live)
        watch = Watch(pulse, self.clock, spent=lambda: self.shop.seconds, count=state.count_deferred)
        return _Parts(state, policy, pages, poll, sweep, dispatch, watch)

    def _start_from(self) -> StartFrom:
        start = self.settings.start_from
        return self.in_utc(start) if isinstance(start, datetime) else start

    def in_utc(self, moment: datetime) -> datetime:
        """A moment as UTC; one without a zone is the shop's own local time."""
        zone = moment.tzinfo or self.shop.reference().time.zone
        return moment.replace(tzinfo=zone).astimezone(UTC)

    @property
    def _started(self) -> _Parts:
        if self._parts is None:
            raise BugError("App.start was not called")
        return self._parts

    @property
    def state(self) -> StateStore:
        """The state store, once started."""
        return self._started.state

    @property
    def policy(self) -> Policy:
        """What deriving depends on, once started."""
        return self._started.policy

    def hold(self, lane: str, *, door: str) -> None:
        """Take a lane until the end; raises StateBusyError when another process has it."""
        self._held.enter_context(HolderLock(self.settings.state.url, lock_name(lane), door=door))

    # ------------------------------------------------------------ work

    def poll_once(self) -> PollReport:
        """One page of every feed."""
        with self._turns.first():
            report = self._started.watch.look("poll", self._started.poll.once)
            self._started.watch.listen(lambda: self.shop.newest_orders(NEWEST))
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

    def deliver_beside(self) -> DeliverReport:
        """The next batch, unless another process has the live lane: it sends for both, so that live events go first."""
        if is_held(self.settings.state.url, lock_name(LIVE)):
            self._let_go()
            return DeliverReport(is_empty=True)
        return self.deliver_once()

    def limit(self, rate: float) -> None:
        """Send at most so many messages a second from now on."""
        self._started.deliver.close()
        deliver = make_dispatch(self._senders, self.state, self.clock, rate=max(int(rate), 1))
        self._parts = replace(self._started, deliver=deliver)

    def _let_go(self) -> None:
        if self._delivery:
            self._delivery.release()
            self._delivery = None

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
        self.drain(total)
        for feed, reason in total.stopped.items():
            hint = "Was the shop restored from a backup? See docs/how-to/restore.md, then `poller state resume`."
            raise ConfigurationError(f"The feed {feed} stopped: {reason}.", hint=hint)
        for feed, reason in total.failed.items():
            raise ShopStatementError(f"The feed {feed} could not be read. {reason}", hint="See `poller check`.")
        return total

    def drain(self, total: WorkReport, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Empty the outbox, or wait until the process that delivers has done so; `meanwhile` is called as it goes."""
        while not self.clock.is_stopped:
            meanwhile()
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
        """Whether this process delivers; only one does at a time, and keeps it until it ends, or lets go."""
        if self._delivery:
            return True
        lock = HolderLock(self.settings.state.url, "deliver", door="deliver")
        with suppress(StateBusyError):
            lock.acquire()
            self._delivery = lock
        return self._delivery is not None
