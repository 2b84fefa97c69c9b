"""Settings become an App: the one place that knows both the ports and what stands behind them."""

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from json import loads
from typing import Any
from uuid import UUID

from poller.config import Settings
from poller.core.identity import namespace_for
from poller.core.policy import Policy, UserId
from poller.engine.backfill import Backfill, Period, Progress
from poller.engine.clock import SystemClock
from poller.engine.deliver import Deliver, DeliverReport
from poller.engine.findings import Finding
from poller.engine.pages import LIVE, Pages
from poller.engine.poll import Poll, PollSettings
from poller.engine.reports import PollReport
from poller.engine.status import Status, live_feeds, start_of
from poller.errors import BugError, SegmentUnreachableError, StateBusyError
from poller.ports import Accepted, Deferred, Misconfigured, Refused
from poller.segment.compose import MessageComposer
from poller.segment.post import SegmentSender
from poller.segment.wire import Wire, names_for
from poller.shop.database import ShopDatabase
from poller.shop.inspection import inspect
from poller.shop.people import CustomField
from poller.shop.session import make_engine
from poller.state.locks import HolderLock, holder_of
from poller.state.store import StateStore, open_state
from poller.streams.registry import STREAMS

NAMESPACE = "namespace"
SWEPT = ("order", "customer")
CONNECT_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class _Parts:
    """What exists once the state is open and the installation has a name."""

    state: StateStore
    policy: Policy
    pages: Pages
    poll: Poll
    deliver: Deliver


class App:
    """The poller, put together. `start` before any work, `close` after it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self._shop = make_shop(settings)
        self._sender = SegmentSender(
            settings.segment.write_key.get_secret_value(),
            host=settings.segment.host,
            timeout=(CONNECT_TIMEOUT, settings.segment.timeout.total_seconds()),
        )
        self._reading = threading.Lock()
        self._held = ExitStack()
        self._parts: _Parts | None = None
        self._run: int | None = None

    # ------------------------------------------------------------ life

    def start(self, door: str, *, lane: str = LIVE) -> None:
        """Take the lane's lock, open the state, and learn the installation's name.

        Raises StateBusyError when another process has the lane, ConfigurationError, or ShopUnreachableError at a first
        start without the shop.
        """
        state = self._held.enter_context(open_state(self.settings.state.url))
        self._held.enter_context(HolderLock(self.settings.state.url, lock_name(lane), door=door))
        self._parts = self._assemble(state)
        self._run = state.begin_run(door, lane, at=self.clock.now())

    def close(self, outcome: str = "done", detail: str = "") -> None:
        """Let everything go; safe to call twice."""
        if self._run is not None and self._parts:
            self._parts.state.end_run(self._run, outcome, detail=detail, at=self.clock.now())
            self._run = None
        self._held.close()
        self._parts = None

    def _assemble(self, state: StateStore) -> _Parts:
        policy = make_policy(self.settings, self._namespace(state))
        composer = MessageComposer(make_wire(self.settings, policy.namespace))
        pages = Pages(state, composer, streams=STREAMS, policy=policy)
        settings = PollSettings(
            start_from=self._start_from(), page_size=self.settings.page_size, gap_ttl=self.settings.gap_ttl
        )
        poll = Poll(self._shop, state, pages=pages, streams=STREAMS, settings=settings, clock=self.clock)
        dice = random.SystemRandom().random
        deliver = Deliver(state, self._sender, self.clock, rate_limit=self.settings.segment.rate_limit, dice=dice)
        return _Parts(state, policy, pages, poll, deliver)

    def _namespace(self, state: StateStore) -> UUID:
        """The installation's own namespace: configured, or drawn once from the shop and kept for ever."""
        if self.settings.namespace:
            return self.settings.namespace
        kept = state.meta(NAMESPACE)
        return UUID(kept or state.claim_meta(NAMESPACE, str(namespace_for(self._shop.identity()))))

    def _start_from(self) -> Any:
        start = self.settings.start_from
        return self.at_shop(start) if isinstance(start, datetime) else start

    def at_shop(self, moment: datetime) -> datetime:
        """A date without a zone is the shop's own local time."""
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        return moment.replace(tzinfo=self._shop.reference().time.zone).astimezone(UTC)

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
        """Everything that waits in the outbox, until it is empty or Segment says not now."""
        return self._started.deliver.drain()

    def catch_up(self, say: Callable[[PollReport | DeliverReport], None]) -> int:
        """Everything up to now; returns how many messages were delivered. Raises TryAgainError, with nothing lost."""
        report = self.poll_once()
        say(report)
        while report.has_more and not self.clock.is_stopped:
            report = self.poll_once()
            say(report)
        say(self.sweep_recent())
        return self._drain(say)

    def backfill(
        self,
        since: datetime,
        until: datetime | None,
        *,
        only: Sequence[str],
        say: Callable[[PollReport | DeliverReport, Progress | None], None],
    ) -> int:
        """A closed period, in a lane of its own; returns how many messages were delivered."""
        state, pages = self._started.state, self._started.pages
        period = self._period(since, until, only)
        work = Backfill(
            self._shop, state, pages=pages, streams=STREAMS, page_size=self.settings.page_size, clock=self.clock
        )
        for report, progress in work.pages(period):
            say(report, progress)
            if self.clock.is_stopped:
                return 0
        return self._drain(lambda report: say(report, None))

    def _period(self, since: datetime, until: datetime | None, only: Sequence[str]) -> Period:
        """The period; an open end is fixed at its first start, so that a run that was killed resumes the same one."""
        names = frozenset(name.removesuffix("s") for name in only)
        if until is not None:
            return Period(since, until, names)
        state = self._started.state
        key = f"backfill {since.isoformat()} now {','.join(sorted(names)) or 'all'}"
        fixed = state.claim_meta(key, self.clock.now().isoformat())
        return Period(since, datetime.fromisoformat(fixed), names)

    def _drain(self, say: Callable[[DeliverReport], None]) -> int:
        """Empty the outbox, or wait until the process that delivers has done so."""
        delivered = 0
        while not self.clock.is_stopped:
            with self._delivering() as is_ours:
                report = self._started.deliver.drain() if is_ours else None
            if report is not None:
                say(report)
                delivered += report.delivered
                if report.stopped or report.waiting is not None:
                    raise SegmentUnreachableError(
                        f"Segment did not take everything: {report.stopped or report.reason}.",
                        hint=report.hint or "Nothing is lost: it stays in the outbox. See `poller status`.",
                    )
            if self._started.state.outbox_size().pending == 0:
                break
            self.clock.wait(0.2)
        return delivered

    @contextmanager
    def _delivering(self) -> Iterator[bool]:
        """Hold delivery, unless another process does: one batch is in flight at a time."""
        lock = HolderLock(self.settings.state.url, "deliver", door="deliver")
        try:
            lock.acquire()
        except StateBusyError:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    # ------------------------------------------------------------ looking

    def preview(self, thing: str, key: int) -> Sequence[dict[str, Any]]:
        """The messages a thing's present facts prove, as they would be sent; sends nothing, changes nothing."""
        with ExitStack() as stack:
            state = self._existing_state(stack)
            namespace = self._namespace(state) if state else namespace_for(self._shop.identity())
            policy = make_policy(self.settings, self.settings.namespace or namespace)
            composer = MessageComposer(make_wire(self.settings, policy.namespace))
            memory = state.recall([(thing, key)]).get((thing, key)) if state else None
            stream = next(stream for stream in STREAMS if stream.thing == thing)
            with self._shop.snapshot() as snapshot:
                facts = snapshot.load(thing, [key])
                if key not in facts:
                    return []
                body = memory.body if memory else None
                outcome = stream.derive(snapshot.reading.now, facts[key], body, policy=policy)
        return [loads(composer.compose(event).text) for event in outcome.events]

    def _existing_state(self, stack: ExitStack) -> StateStore | None:
        from poller.errors import ConfigurationError

        try:
            return stack.enter_context(open_state(self.settings.state.url, read_only=True))
        except ConfigurationError:
            return None

    def status(self) -> Status:
        """How the poller stands."""
        with open_state(self.settings.state.url, read_only=True) as state:
            size = state.outbox_size()
            return Status(
                namespace=str(self.settings.namespace or state.meta(NAMESPACE) or ""),
                start_from=start_of(state),
                holder=holder_of(self.settings.state.url, lock_name(LIVE)),
                feeds=live_feeds(state),
                pending=size.pending,
                buried=size.buried,
                oldest_at=size.oldest_at,
                by_lane=size.by_lane,
                delivered=state.ledger_counts(),
                delivery=state.delivery(),
                suppressed=state.suppressed(),
                waiting_orders=0,
                state_bytes=state.size_bytes(),
            )

    def check(self) -> Iterator[Finding]:
        """Everything that can be wrong, and what was understood of the shop."""
        yield from inspect(self._shop, timezone=self.settings.shop.timezone)
        probe = self._sender.probe()
        match probe.verdict:
            case Accepted():
                yield Finding("ok", "segment", f"Segment answers at {self.settings.segment.host} and takes the key.")
            case Misconfigured(reason, hint):
                yield Finding("problem", "segment", reason, hint)
            case Deferred(reason) | Refused(reason):
                yield Finding("problem", "segment", reason, "Check segment.host and the way out of this network.")
        if probe.ahead is not None and abs(probe.ahead) > timedelta(seconds=5):
            text = f"This host's clock is {probe.ahead.total_seconds():+.0f} s ahead of Segment's."
            yield Finding("warning", "clock", text, "Let this host follow NTP: Segment shifts every event by it.")


def make_shop(settings: Settings) -> ShopDatabase:
    """The shop's database, not yet connected."""
    engine = make_engine(settings.shop.sqlalchemy_url(), statement_timeout=settings.shop.statement_timeout)
    choice = settings.user_id
    custom = CustomField(choice.table, choice.column, choice.customer_column) if choice.source == "custom" else None
    return ShopDatabase(engine, prefix=settings.shop.prefix, timezone=settings.shop.timezone, custom=custom)


def make_policy(settings: Settings, namespace: UUID) -> Policy:
    """What deriving depends on."""
    return Policy(
        namespace=namespace,
        completed_when=settings.order_completed_when,
        settle=settings.settle,
        user_id=UserId(source=settings.user_id.source, prefix=settings.user_id.prefix, hash=settings.user_id.hash),
        internal=frozenset(str(customer).strip().lower() for customer in settings.internal_customers),
        disabled=frozenset(name for name, choice in settings.events.items() if not choice.enabled),
    )


def make_wire(settings: Settings, namespace: UUID) -> Wire:
    """How events become messages."""
    renames = {name: choice.name for name, choice in settings.events.items() if choice.name}
    return Wire(
        namespace=namespace,
        write_key=settings.segment.write_key.get_secret_value(),
        sent_from=settings.segment.sent_from or None,
        event_category=settings.segment.event_category or None,
        integrations=settings.segment.integrations,
        names=names_for(settings.spelling, renames),
        traits_in=frozenset(settings.traits_in),
    )


def lock_name(lane: str) -> str:
    """A lane's lock: a file name."""
    return lane if lane == LIVE else f"backfill-{blake2b(lane.encode(), digest_size=6).hexdigest()}"
