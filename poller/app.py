"""The App: one engine behind every door, on the parts that the settings name."""

import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from poller.assembly import NAMESPACE, find_namespace, lock_name, make_composer, make_policy, make_sender, make_shop
from poller.config import Settings
from poller.core.policy import Policy
from poller.engine.backfill import Backfill, Period, Progress
from poller.engine.clock import SystemClock
from poller.engine.deliver import Deliver, DeliverReport
from poller.engine.findings import Finding
from poller.engine.pages import LIVE, Pages
from poller.engine.poll import Poll, PollSettings, StartFrom
from poller.engine.reports import PollReport, WorkReport
from poller.engine.status import Status, live_feeds, start_of
from poller.errors import BugError, ConfigurationError, SegmentUnreachableError, StateBusyError
from poller.ports import Accepted, Buried, Deferred, Misconfigured, Refused
from poller.shop.inspection import inspect
from poller.state.locks import HolderLock, holder_of
from poller.state.store import StateStore, open_state
from poller.streams.registry import STREAMS

SWEPT = ("order", "customer")
CROWDED = 50_000
"""So many messages waiting in the outbox: a backfill stops reading until they are fewer."""
SKEW = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What exists once the state is open and the installation has a name."""

    state: StateStore
    policy: Policy
    pages: Pages
    poll: Poll
    deliver: Deliver


class App:
    """The poller, put together: `start` before any work, `close` after it. Poll and deliver may have two threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self._shop = make_shop(settings)
        self._sender = make_sender(settings)
        self._reading = threading.Lock()
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
        self._parts = self._assemble(state)

    def close(self) -> None:
        """Let everything go; safe to call twice."""
        self._parts = None
        if self._delivery:
            self._delivery.release()
            self._delivery = None
        self._held.close()

    def _assemble(self, state: StateStore) -> _Parts:
        policy = make_policy(self.settings, find_namespace(self.settings, state, self._shop))
        pages = Pages(state, make_composer(self.settings, policy.namespace), streams=STREAMS, policy=policy)
        settings = PollSettings(
            start_from=self._start_from(), page_size=self.settings.page_size, gap_ttl=self.settings.gap_ttl
        )
        poll = Poll(self._shop, state, pages=pages, streams=STREAMS, settings=settings, clock=self.clock)
        rate = self.settings.segment.rate_limit
        dice = random.SystemRandom().random
        return _Parts(state, policy, pages, poll, Deliver(state, self._sender, self.clock, rate_limit=rate, dice=dice))

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
        with self._reading:
            return self._started.poll.once()

    def sweep_recent(self) -> PollReport:
        """What changed silently among recent things."""
        with self._reading:
            return self._started.poll.sweep_recent()

    def sweep_all(self) -> Iterator[PollReport]:
        """What changed silently among all things since the start, a page at a time; polls may come between."""
        for thing in SWEPT:
            after: int | None = 0
            while after is not None and not self.clock.is_stopped:
                with self._reading:
                    report, after = self._started.poll.sweep_page(thing, after=after)
                yield report

    def deliver_once(self) -> DeliverReport:
        """All that waits in the outbox, until it is empty or Segment says not now; nothing while another delivers."""
        return self._started.deliver.drain() if self._may_deliver() else DeliverReport(is_empty=True)

    def catch_up(self) -> WorkReport:
        """Everything up to now. Raises TryAgainError when the shop or Segment cannot be reached, with nothing lost."""
        total = WorkReport(lane=LIVE)
        has_more = True
        while has_more and not self.clock.is_stopped:
            page = self.poll_once()
            total.add(page)
            has_more = page.has_more
        if not self.clock.is_stopped:
            total.add(self.sweep_recent())
        self._drain(total)
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
        period = self._period(self.in_utc(since), until, only)
        lock = HolderLock(self.settings.state.url, lock_name(period.lane), door="backfill")
        self._held.enter_context(lock)
        state = self._started.state
        if rate is not None:
            dice = random.SystemRandom().random
            self._limit(Deliver(state, self._sender, self.clock, rate_limit=max(int(rate), 1), dice=dice))
        total = WorkReport(lane=period.lane)
        for page, so_far in self._reader(state, self._started.pages).pages(period):
            total.add(page)
            progress(so_far)
            self._send_some(total)
            if self.clock.is_stopped:
                return total
        self._drain(total)
        return total

    def _limit(self, deliver: Deliver) -> None:
        parts = self._started
        self._parts = _Parts(parts.state, parts.policy, parts.pages, parts.poll, deliver)

    def _reader(self, state: StateStore, pages: Pages) -> Backfill:
        size = self.settings.page_size
        return Backfill(self._shop, state, pages=pages, streams=STREAMS, page_size=size, clock=self.clock)

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
            pages = Pages(state, make_composer(self.settings, policy.namespace), streams=STREAMS, policy=policy)
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
            self._count(total, self.deliver_once())
            if self._started.state.outbox_size().pending < CROWDED:
                return
            self.clock.wait(1.0)

    def _drain(self, total: WorkReport) -> None:
        """Empty the outbox, or wait until the process that delivers has done so."""
        while not self.clock.is_stopped:
            report = self.deliver_once()
            self._count(total, report)
            if report.stopped or report.waiting is not None:
                raise SegmentUnreachableError(
                    f"Segment did not take everything: {report.stopped or report.reason}.",
                    hint=report.hint or "Nothing is lost: the rest stays in the outbox. See `poller status`.",
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

    # ------------------------------------------------------------ looking

    def preview(self, thing: str, key: int) -> Sequence[dict[str, Any]]:
        """The messages a thing's present facts prove, as they would be sent; sends nothing, changes nothing."""
        with ExitStack() as stack:
            state = self._existing_state(stack)
            policy = make_policy(self.settings, find_namespace(self.settings, state, self._shop))
            memory = state.recall([(thing, key)]).get((thing, key)) if state else None
            stream = next(stream for stream in STREAMS if stream.thing == thing)
            with self._shop.snapshot() as snapshot:
                facts = snapshot.load(thing, [key])
                if key not in facts:
                    raise ConfigurationError(f"The shop has no {thing} {key}.", hint="Check the number.")
                body = memory.body if memory else None
                outcome = stream.derive(snapshot.reading.now, facts[key], body, policy=policy)
        composer = make_composer(self.settings, policy.namespace)
        return [json.loads(composer.compose(event).text) for event in outcome.events]

    def _existing_state(self, stack: ExitStack) -> StateStore | None:
        with suppress(ConfigurationError):
            return stack.enter_context(open_state(self.settings.state.url, read_only=True))
        return None

    def status(self) -> Status:
        """How the poller stands, whether it runs or not."""
        url = self.settings.state.url
        with open_state(url, read_only=True) as state:
            size = state.outbox_size()
            return Status(
                namespace=str(self.settings.namespace or state.meta(NAMESPACE) or ""),
                start_from=start_of(state),
                holder=holder_of(url, lock_name(LIVE)),
                feeds=live_feeds(state),
                pending=size.pending,
                buried=size.buried,
                oldest_at=size.oldest_at,
                by_lane=size.by_lane,
                delivered=state.ledger_counts(),
                delivery=state.delivery(),
                suppressed=state.suppressed(),
                waiting_orders=state.waiting("order"),
                state_bytes=state.size_bytes(),
            )

    def check(self) -> Sequence[Finding]:
        """Everything that can be wrong, and what was understood of the shop."""
        return [
            *inspect(self._shop, timezone=self.settings.shop.timezone),
            *self._check_state(),
            *self._check_segment(),
        ]

    def _check_state(self) -> Iterator[Finding]:
        try:
            with open_state(self.settings.state.url):
                yield Finding("ok", "state", f"The state store can be written: {self.settings.state.url}.")
        except (ConfigurationError, StateBusyError) as error:
            yield Finding("problem", "state", error.message, error.hint)

    def _check_segment(self) -> Iterator[Finding]:
        probe = self._sender.probe()
        match probe.verdict:
            case Accepted():
                yield Finding("ok", "segment", f"Segment answers at {self.settings.segment.host} and takes the key.")
            case Misconfigured(reason, hint):
                yield Finding("problem", "segment", reason, hint)
            case Deferred(reason) | Refused(reason):
                yield Finding("problem", "segment", reason, "Check segment.host and the way out of this network.")
        if probe.ahead is not None and abs(probe.ahead) > SKEW:
            text = f"This host's clock is {probe.ahead.total_seconds():+.0f} s ahead of Segment's."
            yield Finding("warning", "clock", text, "Let this host follow NTP: Segment shifts every event by it.")

    # ------------------------------------------------------------ mending

    def dead_letters(self, *, limit: int, seqs: Sequence[int] | None = None) -> Sequence[Buried]:
        """Messages that Segment refused for good."""
        with open_state(self.settings.state.url, read_only=True) as state:
            return state.buried(limit, seqs=seqs)

    def replay(self, seqs: Sequence[int] | None) -> int:
        """Put dead letters back into the outbox; None for all."""
        with open_state(self.settings.state.url) as state:
            return state.replay(seqs)

    def drop(self, seqs: Sequence[int] | None) -> int:
        """Give dead letters up; None for all. Their ids are never used again."""
        with open_state(self.settings.state.url) as state:
            chosen = seqs if seqs is not None else [letter.seq for letter in state.buried(limit=1_000_000)]
            return state.drop(chosen)

    def resume(self, feed: str) -> None:
        """Let a stopped feed go on from where its table stands now; raises ConfigurationError for an unknown one."""
        with open_state(self.settings.state.url) as state:
            if not state.reset_mark(LIVE, feed):
                known = ", ".join(sorted(state.marks(LIVE)))
                raise ConfigurationError(f"There is no checkpoint of a feed {feed!r}.", hint=f"Known are: {known}.")
