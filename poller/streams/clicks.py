"""Clicks: a link of a campaign led a visitor to the shop (`connections_source`), by the address they came in at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from poller.core.events import Event, Json
from poller.core.feeds import Feed
from poller.core.policy import Policy
from poller.core.vocabulary import EventType, Property
from poller.streams.carts.properties import present
from poller.streams.customers import CustomerFacts, exclusion
from poller.streams.outcome import Outcome, Stream, forget
from poller.streams.visits.visitors import who_of

CLICKED = "Link Clicked"
PARTS = ("name", "source", "medium", "term", "content", "id")
"""Of `context.campaign`: Segment's names. The link spells the first `utm_campaign`, the others `utm_` and the name."""
FEEDS = (Feed(name="connections_source", thing="click", kind="tail", optional=True, is_emptied=True),)


def _part(name: str, meaning: str, parameter: str) -> Property:
    return Property(
        name=name,
        kind="string",
        meaning=f"{meaning}; also in `context.campaign`",
        source=f"`connections_source.request_uri`: {parameter}",
        absent="if the link does not say",
    )


EVENTS = (
    EventType(
        name=CLICKED,
        group="email",
        one_for="visit that begins at an address with a campaign in it (utm_campaign, utm_source, utm_medium, "
        "utm_term, utm_content, utm_id), as the module statsdata logs it; by default it does so only if the browser "
        "says where it comes from",
        happened="when the visitor came",
        properties=(
            Property(name="affiliation", kind="string", meaning="the shop's name", source="`shop.name`"),
            Property(
                name="email",
                kind="string",
                meaning="the customer's",
                source="`customer.email`",
                absent="without a customer",
            ),
            Property(
                name="link_url",
                kind="string",
                meaning="the address, with those parameters that name the campaign or the page; others may be personal",
                source="`connections_source.request_uri`",
            ),
            Property(
                name="referrer",
                kind="string",
                meaning="the page the link was on, without its parameters",
                source="`connections_source.http_referer`",
                absent="if it is not known",
            ),
            _part("campaign_id", "the campaign's number", "utm_id"),
            _part("campaign_name", "the campaign", "utm_campaign"),
            _part("campaign_source", "where the link was", "utm_source"),
            _part("campaign_medium", "by which way: `email`", "utm_medium"),
            _part("campaign_term", "the word that was paid for", "utm_term"),
            _part("campaign_content", "which of several links", "utm_content"),
        ),
        needs=("connections", "connections_source"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickFacts:
    """A visitor came by a link (`connections_source`).

    `campaign` has those of PARTS that the address names. `stamp` is the row's date as the shop wrote it. `guest_id` and
    `cart_id` say who the visitor is, as in streams.visits.
    """

    click_id: int
    shop_id: int
    shop_name: str
    stamp: str
    at: datetime | None
    link_url: str
    referrer: str = ""
    campaign: Mapping[str, str] = field(default_factory=dict)
    guest_id: int = 0
    cart_id: int = 0
    customer_id: int = 0
    customer: CustomerFacts | None = None


def derive(now: datetime, facts: ClickFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """Link Clicked. The table may be emptied, and its ids begin again: so the date is part of the fact's name."""
    del memory
    customer = facts.customer
    if facts.at is None or not facts.campaign or CLICKED in policy.disabled:
        return Outcome()
    if (customer is None and facts.customer_id) or (customer and exclusion(customer, policy)):
        return Outcome()
    properties: dict[str, Json | None] = {
        "affiliation": facts.shop_name,
        "email": customer.email if customer else None,
        "link_url": facts.link_url,
        "referrer": facts.referrer,
        **{f"campaign_{part}": facts.campaign.get(part) for part in PARTS},
    }
    event = Event(
        fact=f"click/{facts.click_id}/{facts.stamp}",
        call="track",
        name=CLICKED,
        thing="click",
        key=facts.click_id,
        occurred_at=min(facts.at, now),
        who=who_of(facts.guest_id, facts.cart_id, facts.customer_id, customer, policy=policy),
        properties=present(properties),
        shop_id=facts.shop_id,
        context={"campaign": dict(facts.campaign)},
    )
    return Outcome(events=(event,))


CLICKS = Stream(thing="click", feeds=FEEDS, derive=derive, gone=forget, emits=EVENTS, is_logbook=True)
