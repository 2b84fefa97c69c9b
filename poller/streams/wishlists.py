"""Wishlists (module blockwishlist): products put on a list, taken off it, and put from it into a cart.

Rows of lists have no date, and leave nothing when they go; so what is needed to tell that is remembered.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from poller.core.events import Event, Json, Who
from poller.core.feeds import Feed
from poller.core.identity import anonymous_id
from poller.core.policy import Policy
from poller.core.vocabulary import EventType, Property
from poller.streams.carts.described import BASIS, CART, PRODUCT, TAGS
from poller.streams.carts.facts import Product
from poller.streams.carts.properties import present, product_properties
from poller.streams.customers import CustomerFacts, exclusion, traits, user_id
from poller.streams.outcome import Outcome, Stream
from poller.streams.shops import ShopInfo

ADDED, REMOVED = "Product Added to Wishlist", "Product Removed from Wishlist"
PICKED = "Wishlist Product Added to Cart"
_AMOUNTS = ("price", "value")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """A product on a wishlist (`wishlist_product`); `added_at` as the module noted it, else as old as its list."""

    item_id: int
    wishlist_id: int
    wishlist_name: str
    shop: ShopInfo
    customer_id: int
    customer: CustomerFacts | None
    product: Product
    quantity: int
    added_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PickFacts:
    """A note of the module (`blockwishlist_statistics`): the cart the product went into, 0 as long as there is none.

    The note does not name the list: it is that of the cart's customer which holds the product, if there is one.
    """

    note_id: int
    cart_id: int
    shop: ShopInfo
    customer_id: int
    customer: CustomerFacts | None
    product: Product
    noted_at: datetime | None
    wishlist_id: int = 0
    wishlist_name: str = ""


def derive_item(now: datetime, facts: ItemFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """That the product was put on the list, once it stood there `cart_settle`: the note that dates it is written later.

    What is kept tells that it was taken off, when it is gone.
    """
    if facts.customer is None or exclusion(facts.customer, policy):
        return Outcome()
    before = json.loads(memory) if memory else {"since": now.isoformat()}
    if "since" in before:
        told_at = datetime.fromisoformat(before["since"]) + policy.cart_settle
        if now < told_at:
            return Outcome(memory=json.dumps(before), again=told_at)
    at = datetime.fromisoformat(before["at"]) if "at" in before else min(facts.added_at or now, now)
    properties = _list(facts.wishlist_id, facts.wishlist_name) | _of(facts.shop, facts.product, facts.quantity)
    who = _who(f"wishlist/{facts.wishlist_id}", facts.customer_id, facts.customer, policy)
    kept = {
        "at": at.isoformat(),
        "shop": facts.shop.shop_id,
        "list": facts.wishlist_id,
        "customer": facts.customer_id,
        "user": who.user_id or "",
        "told": {name: str(value) if name in _AMOUNTS else value for name, value in properties.items()},
    }
    event = _event(ADDED, "added", facts.item_id, at, who=who, properties=properties, shop_id=facts.shop.shop_id)
    return Outcome(events=_wanted(event, policy), memory=json.dumps(kept, separators=(",", ":"), ensure_ascii=False))


def gone_item(now: datetime, key: int, memory: str | None, *, policy: Policy) -> Outcome:
    """That a product was taken off its list, as it was when it was last seen; without traits, which are not kept."""
    kept: dict[str, Any] = json.loads(memory) if memory else {}
    if "told" not in kept:
        return Outcome(is_forgotten=True)
    told = {name: Decimal(value) if name in _AMOUNTS else value for name, value in kept["told"].items()}
    who = Who(
        user_id=kept["user"] or None,
        anonymous_id=anonymous_id(policy.namespace, f"wishlist/{kept['list']}"),
        customer_id=kept["customer"],
    )
    event = _event(REMOVED, "removed", key, now, who=who, properties=told, shop_id=kept["shop"])
    return Outcome(events=_wanted(event, policy), is_forgotten=True)


def derive_pick(now: datetime, facts: PickFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """That a product went from a list into a cart: the module writes the cart into the note of the addition.

    It has no date of its own: when it was noticed, or, at first sight, no later than the note proves.
    """
    before = json.loads(memory) if memory else None
    at = now if before is not None and not before["cart"] else facts.noted_at or now
    if before is not None and before["cart"]:
        at = datetime.fromisoformat(before["at"])
    after = json.dumps({"cart": facts.cart_id, "at": min(at, now).isoformat()}, separators=(",", ":"))
    is_told = facts.customer is not None or not facts.customer_id
    if not facts.cart_id or not is_told or (facts.customer and exclusion(facts.customer, policy)):
        return Outcome(memory=after)
    properties = _list(facts.wishlist_id, facts.wishlist_name) | _of(facts.shop, facts.product, 1)
    properties |= {"cart_id": str(facts.cart_id)}
    who = _who(f"cart/{facts.cart_id}", facts.customer_id, facts.customer, policy)
    event = Event(
        fact=f"wishlist-note/{facts.note_id}/cart/{facts.cart_id}",
        call="track",
        name=PICKED,
        thing="wishlist_pick",
        key=facts.note_id,
        occurred_at=min(at, now),
        who=who,
        properties=properties,
        shop_id=facts.shop.shop_id,
    )
    return Outcome(events=_wanted(event, policy), memory=after)


def gone_pick(now: datetime, key: int, memory: str | None, *, policy: Policy) -> Outcome:
    """A note that was deleted says nothing."""
    del now, key, memory, policy
    return Outcome(is_forgotten=True)


def _event(
    name: str, act: str, key: int, at: datetime, *, who: Who, properties: Mapping[str, Json], shop_id: int
) -> Event:
    return Event(
        fact=f"wishlist-item/{key}/{act}",
        call="track",
        name=name,
        thing="wishlist_item",
        key=key,
        occurred_at=at,
        who=who,
        properties=properties,
        shop_id=shop_id,
    )


def _wanted(event: Event, policy: Policy) -> tuple[Event, ...]:
    return () if event.name in policy.disabled else (event,)


def _who(origin: str, customer_id: int, customer: CustomerFacts | None, policy: Policy) -> Who:
    return Who(
        user_id=user_id(customer, policy.user_id) if customer else None,
        anonymous_id=anonymous_id(policy.namespace, origin),
        customer_id=customer_id or None,
        traits=traits(customer) if customer else {},
    )


def _list(wishlist_id: int, name: str) -> dict[str, Json]:
    return present({"wishlist_id": str(wishlist_id) if wishlist_id else None, "wishlist_name": name})


def _of(shop: ShopInfo, product: Product, quantity: int) -> dict[str, Json]:
    return {"affiliation": shop.name, **product_properties(product, quantity, shop)}


_LIST = (
    Property(name="wishlist_id", kind="string", meaning="the list", source="`wishlist.id_wishlist`"),
    Property(name="wishlist_name", kind="string", meaning="its name", source="`wishlist.name`", absent="if empty"),
)
_QUANTITY = Property(
    name="quantity", kind="integer", meaning="how many are wished for", source="`wishlist_product.quantity`"
)
_VALUE = Property(
    name="value",
    kind="number",
    meaning="price times quantity",
    source="the rule of `price`",
    absent="if the product is deleted",
)
_WISHED = (*_LIST, CART[1], *PRODUCT, BASIS, TAGS, _QUANTITY, _VALUE)
_TABLES = ("wishlist", "wishlist_product")
ITEM_EVENTS = (
    EventType(
        name=ADDED,
        group="product",
        one_for="row of a wishlist; another quantity of the same product is none",
        happened="`blockwishlist_statistics.date_add`; where the module noted none, when the list was made",
        properties=_WISHED,
        needs=_TABLES,
    ),
    EventType(
        name=REMOVED,
        group="product",
        one_for="row that left a wishlist",
        happened="when it was noticed",
        properties=_WISHED,
        needs=_TABLES,
    ),
)
PICK_EVENTS = (
    EventType(
        name=PICKED,
        group="product",
        one_for="product that was put from a wishlist into a cart",
        happened="when it was noticed; at first sight, when it was put on the list",
        properties=(
            Property(
                name="wishlist_id",
                kind="string",
                meaning="the customer's list that holds the product",
                source="`wishlist.id_wishlist`",
                absent="if it is none of the newest entries",
            ),
            Property(
                name="wishlist_name",
                kind="string",
                meaning="its name",
                source="`wishlist.name`",
                absent="as `wishlist_id`",
            ),
            CART[0],
            CART[1],
            *PRODUCT,
            BASIS,
            TAGS,
            Property(name="quantity", kind="integer", meaning="always 1", source="the module notes no other"),
            _VALUE,
        ),
        needs=("blockwishlist_statistics",),
    ),
)

WISHLIST_ITEMS = Stream(
    thing="wishlist_item",
    feeds=(Feed(name="wishlist_product", thing="wishlist_item", kind="tail", optional=True),),
    derive=derive_item,
    gone=gone_item,
    emits=ITEM_EVENTS,
)
WISHLIST_PICKS = Stream(
    thing="wishlist_pick",
    feeds=(Feed(name="blockwishlist_statistics", thing="wishlist_pick", kind="tail", optional=True),),
    derive=derive_pick,
    gone=gone_pick,
    emits=PICK_EVENTS,
)
