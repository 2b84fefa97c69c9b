"""The replay: what was delivered of a period or an order, derived anew and sent again."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from poller.app import App
from poller.assembly import make_composer
from poller.core.policy import Window
from poller.engine.backfill import Backfill, Period, Progress
from poller.engine.between import Between
from poller.engine.pages import Lane, Pages, Touched
from poller.engine.pruned import require_kept
from poller.engine.replay import Renewing, Replaying
from poller.engine.reports import PollReport, WorkReport
from poller.errors import ConfigurationError
from poller.history import History, Span
from poller.ports import Composer
from poller.state.store import open_state

_EVER = Window(datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was sent again, and how many messages could not be.

    The latter is None where it is not known: of an order, of some kinds of things, of a run that was resumed.
    """

    report: WorkReport
    not_found: int | None = None

    def as_json(self) -> dict[str, Any]:
        """For people and programs."""
        found = dict(self.report.as_log())
        renamed = {"told_before": "not_delivered_yet"}
        kept = {renamed.get(name, name): value for name, value in found.items() if name != "dry_run"}
        return kept if self.not_found is None else kept | {"not_found_any_more": self.not_found}


class Replay:
    """Works on a started App; `show` hears how far it is.

    Ids are those of the first time. `has_new_ids` gives every message another one; a run that was interrupted and goes
    on keeps those it gave.
    """

    def __init__(self, app: App, *, has_new_ids: bool, show: Callable[[Progress], None] = lambda _: None) -> None:
        self._app = app
        self._has_new_ids = has_new_ids
        self._show = show

    def period(self, span: Span) -> Replayed:
        """What was delivered of the facts of a period; killed at any point, the same call goes on from there."""
        app, state = self._app, self._app.state
        since = app.in_utc(span.since)
        require_kept(state, since)
        until = app.in_utc(span.until) if span.until else None
        only = ",".join(sorted(span.only)) or "all"
        lane = self._lane(f"{since.isoformat()} {until.isoformat() if until else 'now'} {only}")
        app.hold(lane, door="replay")
        is_resumed = bool(state.meta(lane))
        began, end = self._begin(lane, until)
        delivered = state.again.count(since, end)
        keeping = self._keeping(began)
        reader = Backfill(
            app.shop,
            keeping,
            pages=Pages(keeping, self._composer(began), streams=app.streams, policy=app.policy),
            streams=app.streams,
            page_size=app.settings.page_size,
            clock=app.clock,
        )
        total = WorkReport(lane=lane, told_before=0)
        between = self._between(total)
        between.begin()
        for page, progress in reader.pages(Period(since, end, span.only), lane=lane):
            if between.after(page, progress):
                return Replayed(total)
        self._finish(lane)
        app.drain(total, meanwhile=between.show)
        total.note = _note(total)
        if is_resumed or span.only:
            return Replayed(total)
        return Replayed(total, max(delivered - sum(total.events.values()), 0))

    def order(self, order_id: int) -> Replayed:
        """What was delivered of one order. Raises ConfigurationError for one that the shop does not have."""
        app = self._app
        lane = self._lane(f"order {order_id}")
        app.hold(lane, door="replay")
        total = WorkReport(lane=lane, told_before=0)
        between = self._between(total)
        between.begin()
        began = self._next_second()
        keeping, composer = self._keeping(began), self._composer(began)
        pages = Pages(keeping, composer, streams=app.streams, policy=app.policy)
        page, touched = PollReport(lane=lane), Touched()
        touched.add("order", [order_id])
        with app.shop.snapshot() as snapshot:
            if order_id not in snapshot.load("order", [order_id]):
                raise ConfigurationError(f"The shop has no order {order_id}.", hint="Check the number.")
            pages.write(snapshot, Lane(lane, _EVER), touched=touched, report=page)
        if not between.after(page, Progress(1, 1, sum(page.events.values()))):
            app.drain(total, meanwhile=between.show)
        total.note = _note(total)
        return Replayed(total)

    def _lane(self, what: str) -> str:
        return f"replay {what}{' new' if self._has_new_ids else ''}"

    def _keeping(self, began: datetime) -> Replaying:
        state = self._app.state
        return Replaying(state, state.again, began=began, has_new_ids=self._has_new_ids)

    def _composer(self, began: datetime) -> Composer:
        composer = make_composer(self._app.settings, self._app.policy.namespace, is_historical=True)
        return Renewing(composer, began.isoformat()) if self._has_new_ids else composer

    def _between(self, total: WorkReport) -> Between:
        return History(self._app).between(total, rate=None, show=self._show)

    def _begin(self, lane: str, until: datetime | None) -> tuple[datetime, datetime]:
        """When this replay began, and its end: those of the run that is resumed, if one was interrupted."""
        kept = self._app.state.meta(lane)
        if not kept:
            now = self._next_second()
            kept = json.dumps([now.isoformat(), (until or now).isoformat()])
            self._app.state.set_meta(lane, kept)
        began, end = json.loads(kept)
        return datetime.fromisoformat(began), datetime.fromisoformat(end)

    def _next_second(self) -> datetime:
        """The next whole second, once it has come: the ledger counts in seconds, and must tell then from now."""
        clock = self._app.clock
        now = clock.now()
        second = now.replace(microsecond=0) + timedelta(seconds=1)
        clock.wait((second - now).total_seconds())
        return second

    def _finish(self, lane: str) -> None:
        """All of it is in the outbox: the same call is another replay from now on."""
        state = self._app.state
        for feed in state.marks(lane):
            state.reset_mark(lane, feed)
        state.set_meta(lane, "")


def _note(total: WorkReport) -> str:
    return "" if total.events else "Nothing to send again: nothing of it was delivered."


def require_state(app: App) -> None:
    """Refuse to make a state store: one without a ledger knows nothing of what was delivered."""
    open_state(app.settings.state.url, read_only=True).close()
