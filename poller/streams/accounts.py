"""Accounts: a customer signs up, subscribes to the newsletter, and unsubscribes again.

All of it is proven by the customer's row, and by what the row was when it was last looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from poller.core.events import Event, Json, Who
from poller.core.policy import Policy
from poller.core.vocabulary import EventType, Property

if TYPE_CHECKING:
    from poller.streams.customers import CustomerFacts

SIGNED_UP = "Signed Up"
SUBSCRIBED, UNSUBSCRIBED = "Subscribed", "Unsubscribed"
NEWSLETTER = "newsletter"
MOST_FLIPS = 20
"""So many changes of one customer's mind are remembered; older ones were told long ago."""

EMAIL = Property(name="email", kind="string", meaning="the address", source="`customer.email`", absent="if empty")
LIST_NAME = Property(name="list_name", kind="string", meaning="`newsletter`: the shop has one", source="a constant")
EVENTS = (
    EventType(
        name=SIGNED_UP,
        group="customer",
        one_for="account; one who ordered as a guest signs up when the account is opened",
        happened="when the customer registered; of a guest, when the row was saved as an account",
        properties=(
            EMAIL,
            Property(
                name="was_guest",
                kind="boolean",
                meaning="true: ordered as a guest before",
                source="`customer.is_guest` when last looked at",
                absent="if they never did, or nobody looked in between",
            ),
        ),
    ),
    EventType(
        name=SUBSCRIBED,
        group="email",
        one_for="time the newsletter is switched on, by a customer or a visitor",
        happened="when they subscribed; where nothing dates it, when it was noticed",
        properties=(EMAIL, LIST_NAME),
    ),
    EventType(
        name=UNSUBSCRIBED,
        xcommerce="Email Unsubscribed",
        group="email",
        one_for="time the newsletter is switched off, by a customer or a visitor",
        happened="when the customer was saved; where nothing dates it, when it was noticed",
        properties=(EMAIL, LIST_NAME),
    ),
)

NEWSLETTER_EVENTS = tuple(event for event in EVENTS if event.name in {SUBSCRIBED, UNSUBSCRIBED})


def noted(now: datetime, facts: "CustomerFacts", before: Mapping[str, Any], *, saved_at: datetime) -> dict[str, object]:
    """What is remembered of the account: since when it is one, and each change of the newsletter's switch.

    `saved_at` is when the row was saved, if that is what changed it, else `now`.
    """
    found: dict[str, object] = {"account": before.get("account", ""), "news": before.get("news", [])}
    is_first = "account" not in before
    if not facts.is_guest and not found["account"]:
        since = facts.added_at if is_first else saved_at
        found |= {"account": since.isoformat() if since else "unknown", "was_guest": not is_first}
    elif before.get("was_guest"):
        found["was_guest"] = True
    flips: Sequence[Sequence[Any]] = before.get("news", [])
    is_on = bool(flips) and bool(flips[-1][0])
    if facts.is_newsletter != is_on:
        at = _switched_at(now, facts, flips, is_first=is_first, saved_at=saved_at)
        found["news"] = [*flips, [int(facts.is_newsletter), at.isoformat() if at else ""]][-MOST_FLIPS:]
    return found


def _switched_at(
    now: datetime, facts: "CustomerFacts", flips: Sequence[Sequence[Any]], *, is_first: bool, saved_at: datetime
) -> datetime | None:
    """When the switch was turned: by the row's own date if that is a new one; switching off leaves none."""
    own = facts.subscribed_at if facts.is_newsletter else None
    if is_first or own is None:
        return own or (None if is_first else saved_at)
    is_new = all(flip[1] < own.isoformat() for flip in flips)
    return own if is_new and own <= now else saved_at


def account_events(facts: "CustomerFacts", memory: Mapping[str, Any], who: Who, policy: Policy) -> Iterator[Event]:
    """Every sign-up and change of the newsletter's switch that is remembered."""
    since = memory["account"]
    if since and since != "unknown" and SIGNED_UP not in policy.disabled:
        flag: dict[str, Json] = {"was_guest": True} if memory.get("was_guest") else {}
        yield _event(facts, who, SIGNED_UP, fact="signed_up", at=since, more=flag)
    for is_on, at in memory["news"]:
        name = SUBSCRIBED if is_on else UNSUBSCRIBED
        if at and name not in policy.disabled:
            yield _event(facts, who, name, fact=f"{name.lower()}/{at}", at=at, more={"list_name": NEWSLETTER})


def _event(facts: "CustomerFacts", who: Who, name: str, *, fact: str, at: str, more: Mapping[str, Json]) -> Event:
    email: dict[str, Json] = {"email": facts.email} if facts.email else {}
    return Event(
        fact=f"customer/{facts.customer_id}/{fact}",
        call="track",
        name=name,
        thing="customer",
        key=facts.customer_id,
        occurred_at=datetime.fromisoformat(at),
        who=who,
        properties=email | dict(more),
        shop_id=facts.shop_id,
    )
