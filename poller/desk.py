"""The desk: what an operator looks at and mends, while the poller runs or not."""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from shutil import disk_usage
from typing import Any

from poller.assembly import (
    FIRST_RUN,
    NAMESPACE,
    find_namespace,
    lock_name,
    make_composer,
    make_policy,
    make_senders,
    make_shop,
    make_shop_set,
)
from poller.config import Settings
from poller.config.choices import OFF, OFF_HINT
from poller.core.shops import Source
from poller.engine.counting import with_counters
from poller.engine.findings import Finding
from poller.engine.looking import look
from poller.engine.pages import LIVE
from poller.engine.pulse import read_vitals
from poller.engine.status import SourceStatus, Status, lag, live_feeds, slowed, start_of, work
from poller.engine.walk import WALK, progress_of
from poller.errors import ConfigurationError, PollerError, TryAgainError
from poller.observe.metrics import is_available
from poller.own_events import streams_of
from poller.ports import Accepted, Buried, Deferred, Delivery, Misconfigured, Refused
from poller.segment.post import SegmentSender
from poller.shop.inspection import inspect
from poller.state.location import check_directory, state_file
from poller.state.locks import holder_of
from poller.state.store import StateStore, open_state

LITTLE_ROOM = 500_000_000
SKEW = timedelta(seconds=5)
_REACHED = "Segment answers at {}. (It does not say whether it knows the write key: see its debugger.)"


class Desk:
    """Looks at the shop, the state and Segment. Takes no lock; only `replay`, `drop` and `resume` change anything."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._shop = make_shop(settings)
        self._streams = streams_of(self._shop)
        self._senders = make_senders(settings)

    def preview(self, thing: str, key: int) -> Sequence[dict[str, Any]]:
        """The messages a thing's present facts prove, as they would be sent; sends nothing, changes nothing."""
        with ExitStack() as stack:
            state = self._existing_state(stack)
            first_run = state.meta(FIRST_RUN) if state else None
            policy = make_policy(
                self.settings,
                find_namespace(self.settings, state, self._shop),
                first_run=datetime.fromisoformat(first_run) if first_run else None,
            )
            with self._shop.snapshot() as snapshot:
                outcome = look(snapshot, thing, key, streams=self._streams, state=state, policy=policy)
                counted = with_counters(snapshot, outcome.events)
        composer = make_composer(self.settings, policy.namespace)
        return [json.loads(composer.compose(counted.get(event.fact, event)).text) for event in outcome.events]

    def _existing_state(self, stack: ExitStack) -> StateStore | None:
        with suppress(ConfigurationError):
            return stack.enter_context(open_state(self.settings.state.url, read_only=True))
        return None

    def status(self) -> Status:
        """How the poller stands, whether it runs or not."""
        url = self.settings.state.url
        with open_state(url, read_only=True) as state:
            size, vitals, now = state.outbox_size(), read_vitals(state), datetime.now(UTC)
            feeds = live_feeds(state, vitals, now)
            holder, ever = holder_of(url, lock_name(LIVE)), state.tally()
            return Status(
                namespace=str(self.settings.namespace or state.meta(NAMESPACE) or ""),
                start_from=start_of(state),
                holder=holder,
                feeds=feeds,
                pending=size.pending,
                buried=size.buried,
                oldest_at=size.oldest_at,
                by_lane=size.by_lane,
                delivered=ever.get("delivered", {}),
                delivery=state.delivery(),
                sources=self._sources(state),
                suppressed=state.suppressed(),
                waiting_orders=state.waiting("order"),
                state_bytes=state.size_bytes(),
                lag_seconds=lag(self._feeds(), size.oldest_at, vitals, now),
                last_hour=state.tally(now - timedelta(hours=1)),
                last_day=state.tally(now - timedelta(days=1)),
                ever=ever,
                slowed=slowed(state),
                walk=progress_of(state.meta(WALK)),
                work=work(vitals, self._schedule(), now, is_running=bool(holder)),
            )

    def _sources(self, state: StateStore) -> list[SourceStatus]:
        waiting, standing = state.pending_by_shop(), state.deliveries()
        return [
            SourceStatus(
                name=source.name,
                shops=sorted(source.shops.only or ()),
                pending=sum(count for shop_id, count in waiting.items() if source.shops.holds(shop_id)),
                delivery=standing.get(source.name, Delivery()),
            )
            for source in self._senders
        ]

    def _feeds(self) -> list[str]:
        return [feed.name for stream in self._streams for feed in stream.feeds]

    def _schedule(self) -> dict[str, timedelta]:
        schedule = self.settings.schedule
        return {name: getattr(schedule, name) for name in type(schedule).model_fields}

    def verify(self) -> None:
        """Look whether these settings reach a shop and a place for the state; raises what a start would."""
        self._shop.reference()
        file = state_file(self.settings.state.url)
        if file and not file.exists():
            check_directory(file.parent)

    def check(self) -> Sequence[Finding]:
        """Everything that can be wrong, and what was understood of the shop."""
        return [
            *self._check_choices(),
            *self._check_host(),
            *inspect(self._shop, timezone=self.settings.shop.timezone, language=self.settings.language),
            *self._check_shops(),
            *self._check_state(),
            *self._check_segment(),
        ]

    def _check_choices(self) -> Iterator[Finding]:
        """What was chosen and may be forgotten."""
        if not self.settings.active:
            yield Finding("warning", "active", OFF, OFF_HINT)

    def _check_shops(self) -> Iterator[Finding]:
        """Whether the shops that the settings name exist; who cannot say is spoken of elsewhere."""
        choices = self.settings.shop_choices()
        if not choices:
            return
        with suppress(PollerError):
            present = self._shop.reference().shops
            told = make_shop_set(self.settings)
            left_out = ", ".join(str(shop_id) for shop_id in present if not told.holds(shop_id))
            if left_out:
                yield Finding("ok", "shops", f"Nothing is sent of shop {left_out}.")
            for shop_id in sorted(choices.keys() - present.keys()):
                known = ", ".join(str(known) for known in present)
                yield Finding(
                    "problem", "shops", f"There is no shop {shop_id}, which `shops` names.", f"Its shops are {known}."
                )

    def _check_host(self) -> Iterator[Finding]:
        """What is asked of this host: programs, room, and files that are nobody else's to read."""
        monitoring = self.settings.monitoring
        if (monitoring.listen or monitoring.textfile) and not is_available():
            yield Finding("problem", "metrics", "Metrics want prometheus-client.", "Install the extra `metrics`.")
        file = state_file(self.settings.state.url)
        if file and file.parent.is_dir():
            free = disk_usage(file.parent).free
            if free < LITTLE_ROOM:
                text = f"Only {free / 1_000_000:,.0f} MB are free where the state store is."
                yield Finding(
                    "warning", "room", text, "Make room: a full disk holds up everything, though nothing is lost."
                )
            else:
                yield Finding("ok", "room", f"{free / 1e9:,.0f} GB are free where the state store is.")

    def _check_state(self) -> Iterator[Finding]:
        try:
            file = state_file(self.settings.state.url)
            if file and not file.exists():
                check_directory(file.parent)
                yield Finding("ok", "state", f"The state store will be made at the first start: {file}.")
                return
            with open_state(self.settings.state.url) as state:
                damage = state.damage()
        except (ConfigurationError, TryAgainError) as error:
            yield Finding("problem", "state", error.message, error.hint)
            return
        if damage:
            hint = "Restore a copy, or see docs/how-to/restore.md."
            yield Finding("problem", "state", f"The state store is damaged: {damage}.", hint)
        else:
            yield Finding("ok", "state", f"The state store can be written: {self.settings.state.url}.")

    def _check_segment(self) -> Iterator[Finding]:
        for source, sender in self._senders.items():
            yield from self._check_source(source, sender)

    def _check_source(self, source: Source, sender: SegmentSender) -> Iterator[Finding]:
        """One source: the way there; where there are several, each finding says whose it is."""
        probe = sender.probe()
        whose = f" (source: {source.name})" if len(self._senders) > 1 else ""
        match probe.verdict:
            case Accepted():
                yield Finding("ok", "segment", _REACHED.format(sender.host) + whose)
            case Misconfigured(reason, hint):
                yield Finding("problem", "segment", reason + whose, hint)
            case Deferred(reason) | Refused(reason):
                yield Finding(
                    "problem", "segment", reason + whose, "Check segment.host and the way out of this network."
                )
        if probe.ahead is not None and abs(probe.ahead) > SKEW:
            text = f"This host's clock is {probe.ahead.total_seconds():+.0f} s ahead of Segment's."
            yield Finding("warning", "clock", text, "Let this host follow NTP: Segment shifts every event by it.")

    def _kept_state(self) -> StateStore:
        """The state store to change something in it: one that exists, so that a wrong path makes no new one."""
        open_state(self.settings.state.url, read_only=True).close()
        return open_state(self.settings.state.url)

    def dead_letters(self, *, limit: int, seqs: Sequence[int] | None = None) -> Sequence[Buried]:
        """Messages that Segment refused for good."""
        with open_state(self.settings.state.url, read_only=True) as state:
            return state.buried(limit, seqs=seqs)

    def replay(self, seqs: Sequence[int] | None) -> int:
        """Put dead letters back into the outbox; None for all."""
        with self._kept_state() as state:
            return state.replay(seqs)

    def drop(self, seqs: Sequence[int] | None) -> int:
        """Give dead letters up; None for all. Their ids are never used again."""
        with self._kept_state() as state:
            chosen = seqs if seqs is not None else [letter.seq for letter in state.buried(limit=1_000_000)]
            return state.drop(chosen)

    def resume(self, feed: str) -> None:
        """Let a stopped feed go on from where its table stands now; raises ConfigurationError for an unknown one."""
        with self._kept_state() as state:
            if not state.reset_mark(LIVE, feed):
                known = ", ".join(sorted(state.marks(LIVE)))
                raise ConfigurationError(f"There is no checkpoint of a feed {feed!r}.", hint=f"Known are: {known}.")
