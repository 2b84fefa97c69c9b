"""Sessions: a customer signs in (`customer_session`, dated since PrestaShop 8.0; deleted when they sign out)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from poller.core.events import Event
from poller.core.feeds import Feed
from poller.core.policy import Policy
from poller.core.vocabulary import EventType
from poller.streams.accounts import EMAIL
from poller.streams.customers import CustomerFacts, exclusion, who_of
from poller.streams.outcome import Outcome, Stream, forget

SIGNED_IN = "Signed In"
BESIDE = timedelta(seconds=1)
"""Registering opens a session too, as does saving the account: what began so shortly after either is no sign-in."""
FEEDS = (Feed(name="customer_session", thing="session", kind="tail", optional=True, is_live=True),)
EVENTS = (
    EventType(
        name=SIGNED_IN,
        group="customer",
        one_for="session of an account; not for the one that registering or saving the account opens, and none from "
        "before the poller's first run",
        happened="when the session was opened",
        properties=(EMAIL,),
        needs=("customer_session",),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """A session (`customer_session`). `at` is None before 8.0, which dates none."""

    session_id: int
    customer: CustomerFacts | None
    at: datetime | None


def derive(now: datetime, facts: SessionFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """Signed In, where the row proves it.

    An upgrade to 8.0 dates all sessions with its own time: those from before the first run are not believed.
    """
    del now, memory
    customer, at = facts.customer, facts.at
    if customer is None or at is None or customer.is_guest or SIGNED_IN in policy.disabled:
        return Outcome()
    if exclusion(customer, policy) or (policy.first_run and at < policy.first_run) or _is_beside(customer, at):
        return Outcome()
    event = Event(
        fact=f"session/{facts.session_id}/signed_in/{at.isoformat()}",
        call="track",
        name=SIGNED_IN,
        thing="session",
        key=facts.session_id,
        occurred_at=at,
        who=who_of(customer, policy),
        properties={"email": customer.email} if customer.email else {},
        shop_id=customer.shop_id,
    )
    return Outcome(events=(event,))


def _is_beside(customer: CustomerFacts, at: datetime) -> bool:
    saves = (customer.added_at, customer.updated_at)
    return any(saved is not None and abs(at - saved) <= BESIDE for saved in saves)


SESSIONS = Stream(thing="session", feeds=FEEDS, derive=derive, gone=forget, emits=EVENTS, is_logbook=True)
