"""Accounts rendered to people: what became of one thing, and whether shop and Segment agree over a period."""

from contextlib import ExitStack, suppress
from datetime import datetime

from poller.assembly import find_namespace, make_policy, make_shop
from poller.config import Settings
from poller.core.identity import message_id
from poller.core.policy import Window
from poller.engine.audit.audit import Audit
from poller.engine.audit.report import AuditReport
from poller.engine.explain import Explanation, explain
from poller.engine.looking import look
from poller.errors import ConfigurationError
from poller.own_events import streams_of
from poller.shop.auditing import AuditedShop
from poller.state.store import open_state


class Accounts:
    """Reads the shop and the state store, and changes neither."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._shop = make_shop(settings)

    def explain(self, thing: str, key: int) -> Explanation:
        """The facts of a thing, the rows that prove them, and what became of each."""
        with ExitStack() as stack:
            state = None
            with suppress(ConfigurationError):
                state = stack.enter_context(open_state(self._settings.state.url, read_only=True))
            policy = make_policy(self._settings, find_namespace(self._settings, state, self._shop))
            snapshot = stack.enter_context(self._shop.snapshot())
            outcome = look(snapshot, thing, key, streams=streams_of(self._shop), state=state, policy=policy)
            ids = [message_id(policy.namespace, event.fact) for event in outcome.events]
            fates = state.fates(ids) if state else {}
            owed = stack.enter_context(state.books()).windows(thing) if state else ()
        return explain(outcome, thing=thing, key=key, policy=policy, fates=fates, owed=owed)

    def audit(self, since: datetime | None, until: datetime | None) -> AuditReport:
        """The shop's rows against what was told; by default since the first moment that is owed, until now.

        A moment without a zone is the shop's local time. Raises ConfigurationError before the first start.
        """
        shop = AuditedShop(self._shop)
        first, end = (moment and moment.replace(tzinfo=moment.tzinfo or shop.zone()) for moment in (since, until))
        with open_state(self._settings.state.url, read_only=True) as state, state.books() as books:
            owed = [window.since for window in books.windows("order")]
            if not owed:
                hint = "Start it first: `poller run`, `poller catch-up` or `poller backfill`."
                raise ConfigurationError("There is nothing to audit: the poller has not read the shop yet.", hint=hint)
            policy = make_policy(self._settings, find_namespace(self._settings, state, self._shop))
            period = Window(first or min(owed), end)
            return Audit(shop, books, policy, period=period, is_whole=first is None).run()
