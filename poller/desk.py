"""The desk: what an operator looks at and mends, while the poller runs or not."""

import json
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
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
)
from poller.check import findings
from poller.config import Settings
from poller.engine.counting import with_counters
from poller.engine.findings import Finding
from poller.engine.looking import look
from poller.engine.pages import LIVE
from poller.engine.pulse import read_vitals
from poller.engine.status import SourceStatus, Status, lag, live_feeds, slowed, start_of, work
from poller.engine.walk import WALK, progress_of
from poller.errors import ConfigurationError
from poller.own_events import streams_of
from poller.ports import Buried, Delivery
from poller.state.location import check_directory, state_file
from poller.state.locks import holder_of
from poller.state.store import StateStore, open_state


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
        return [*findings(self.settings, self._shop, self._senders)]

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
