"""Carts: who they belong to, and the login that ties an anonymous cart to a customer."""

import json
from dataclasses import dataclass
from datetime import datetime

from poller.core.events import Event, Who
from poller.core.feeds import Feed
from poller.core.identity import anonymous_id
from poller.core.policy import Policy
from poller.streams.customers import CustomerFacts, exclusion, traits, user_id
from poller.streams.described import IDENTIFY
from poller.streams.outcome import Outcome, Stream, forget

FEEDS = (
    Feed(name="cart", thing="cart", kind="tail"),
    Feed(name="cart_touched", thing="cart", kind="touch"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CartFacts:
    """A cart (`cart`). `order_ids` are the orders made of it: it may have none, one, or several."""

    cart_id: int
    shop_id: int
    customer_id: int
    customer: CustomerFacts | None
    order_ids: tuple[int, ...]
    added_at: datetime | None
    updated_at: datetime | None


def derive(now: datetime, facts: CartFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """An identify call with both ids when a cart seen as anonymous gets a customer."""
    before = json.loads(memory) if memory else {}
    after = json.dumps({"customer": facts.customer_id, "orders": facts.order_ids}, separators=(",", ":"))
    customer = facts.customer
    was_anonymous = before.get("customer") == 0
    if customer is None or not was_anonymous or exclusion(customer, policy) or "identify" in policy.disabled:
        return Outcome(memory=after)
    who_id = user_id(customer, policy.user_id)
    if not who_id:
        return Outcome(memory=after)
    event = Event(
        fact=f"cart/{facts.cart_id}/customer/{facts.customer_id}",
        call="identify",
        name="identify",
        thing="cart",
        key=facts.cart_id,
        occurred_at=min(facts.updated_at or now, now),
        who=Who(
            user_id=who_id,
            anonymous_id=anonymous_id(policy.namespace, f"cart/{facts.cart_id}"),
            customer_id=facts.customer_id,
            traits=traits(customer),
        ),
        properties={},
        shop_id=facts.shop_id,
    )
    return Outcome(events=(event,), memory=after)


CARTS = Stream(thing="cart", feeds=FEEDS, derive=derive, gone=forget, emits=(IDENTIFY,))
