"""Messages: a customer answers in a thread of the customer service. That they did, never what they wrote."""

from dataclasses import dataclass
from datetime import datetime

from poller.core.events import Event, Json, Who
from poller.core.feeds import Feed
from poller.core.identity import anonymous_id
from poller.core.policy import Policy
from poller.core.vocabulary import EventType, Property
from poller.streams.accounts import EMAIL
from poller.streams.customers import CustomerFacts, exclusion, who_of
from poller.streams.outcome import Outcome, Stream, forget

EMAIL_REPLIED = "Email Replied"
FEEDS = (Feed(name="customer_message", thing="message", kind="tail"),)
EVENTS = (
    EventType(
        name=EMAIL_REPLIED,
        group="email",
        one_for="message a customer writes into a thread that exists already, by e-mail or in the shop; not for the "
        "one that opens it, nor for what employees write",
        happened="when it was written",
        properties=(
            EMAIL,
            Property(name="message_id", kind="string", meaning="it", source="`customer_message.id_customer_message`"),
            Property(
                name="thread_id", kind="string", meaning="its thread", source="`customer_thread.id_customer_thread`"
            ),
            Property(
                name="order_id",
                kind="string",
                meaning="the order it is about",
                source="`customer_thread.id_order`",
                absent="if it is about none",
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFacts:
    """A message (`customer_message`) without its text; `is_first` opened the thread. `customer` may be unknown."""

    message_id: int
    thread_id: int
    shop_id: int
    order_id: int
    customer: CustomerFacts | None
    email: str
    is_by_employee: bool
    is_private: bool
    is_first: bool
    at: datetime | None


def derive(now: datetime, facts: MessageFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """Email Replied; of a writer without an account by an anonymous id, one for each thread."""
    del now, memory
    if facts.is_by_employee or facts.is_private or facts.is_first or facts.at is None:
        return Outcome()
    if EMAIL_REPLIED in policy.disabled or _is_excluded(facts, policy):
        return Outcome()
    email: dict[str, Json] = {"email": facts.email} if facts.email else {}
    who = (
        who_of(facts.customer, policy)
        if facts.customer
        else Who(anonymous_id=anonymous_id(policy.namespace, f"thread/{facts.thread_id}"), traits=email)
    )
    properties: dict[str, Json] = {
        **email,
        "message_id": str(facts.message_id),
        "thread_id": str(facts.thread_id),
    }
    if facts.order_id:
        properties["order_id"] = str(facts.order_id)
    event = Event(
        fact=f"message/{facts.message_id}/replied",
        call="track",
        name=EMAIL_REPLIED,
        thing="message",
        key=facts.message_id,
        occurred_at=facts.at,
        who=who,
        properties=properties,
        shop_id=facts.shop_id,
    )
    return Outcome(events=(event,))


def _is_excluded(facts: MessageFacts, policy: Policy) -> bool:
    if facts.customer is not None:
        return exclusion(facts.customer, policy) is not None
    return facts.email.strip().lower() in policy.internal


MESSAGES = Stream(thing="message", feeds=FEEDS, derive=derive, gone=forget, emits=EVENTS, is_logbook=True)
