"""E-mails the shop sent to customers (`mail`): which template, to whom; never what stands in them."""

from dataclasses import dataclass
from datetime import datetime

from poller.core.events import Event, Json
from poller.core.feeds import Feed
from poller.core.policy import Policy
from poller.core.vocabulary import EventType, Property
from poller.streams.accounts import EMAIL
from poller.streams.customers import CustomerFacts, exclusion, who_of
from poller.streams.outcome import Outcome, Stream, forget

EMAIL_SENT = "Email Sent"
PRIVATE = frozenset(
    {
        "backoffice_order",
        "contact",
        "contact_form",
        "employee_password",
        "forward_msg",
        "guest_to_customer",
        "order_customer_comment",
        "order_merchant_comment",
        "password",
        "password_query",
        "reply_msg",
    }
)
"""Templates that carry a password, a way to set one, or what people wrote to each other: nothing is told of them."""
FEEDS = (Feed(name="mail", thing="mail", kind="tail", is_emptied=True, clock="database"),)
EVENTS = (
    EventType(
        name=EMAIL_SENT,
        group="email",
        one_for="e-mail the shop sent to a customer, while it logs them (PS_LOG_EMAILS, on by default); not for "
        "templates with passwords or messages, nor for addresses that are no customer's when it is read (within "
        "seconds; of a customer who changes theirs while the poller is stopped, not for the old one)",
        happened="when it was sent; that it was read, no table says",
        properties=(
            EMAIL,
            Property(name="email_id", kind="string", meaning="the e-mail", source="`mail.id_mail`"),
            Property(
                name="email_subject", kind="string", meaning="its subject", source="`mail.subject`", absent="if empty"
            ),
            Property(
                name="email_template", kind="string", meaning="its template: `order_conf`", source="`mail.template`"
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFacts:
    """An e-mail that was sent (`mail`); `customer` is who has the address, None if nobody has it."""

    mail_id: int
    template: str
    subject: str
    customer: CustomerFacts | None
    at: datetime | None


def derive(now: datetime, facts: MailFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """Email Sent. Merchants empty the table, and its ids begin again: so the time is part of the fact's name."""
    del now, memory
    customer, at = facts.customer, facts.at
    if customer is None or at is None or exclusion(customer, policy) or EMAIL_SENT in policy.disabled:
        return Outcome()
    if facts.template in PRIVATE:
        return Outcome()
    properties: dict[str, Json] = {
        "email": customer.email,
        "email_id": str(facts.mail_id),
        "email_template": facts.template,
    }
    if facts.subject:
        properties["email_subject"] = facts.subject
    event = Event(
        fact=f"mail/{facts.mail_id}/sent/{at.isoformat()}",
        call="track",
        name=EMAIL_SENT,
        thing="mail",
        key=facts.mail_id,
        occurred_at=at,
        who=who_of(customer, policy),
        properties=properties,
        shop_id=customer.shop_id,
    )
    return Outcome(events=(event,))


MAILS = Stream(thing="mail", feeds=FEEDS, derive=derive, gone=forget, emits=EVENTS, is_logbook=True)
