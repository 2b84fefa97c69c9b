"""Carts, derived: products and coupons in and out, the checkout's steps, and the login that names whose cart it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from poller.core.events import Event, Json, Who
from poller.core.feeds import Feed
from poller.core.identity import anonymous_id
from poller.core.policy import Policy
from poller.streams.carts import checkout, coupons, lines
from poller.streams.carts import memory as memories
from poller.streams.carts.checkout import Reached, shipping_method
from poller.streams.carts.coupons import CouponChange
from poller.streams.carts.dating import Dates
from poller.streams.carts.described import (
    ADDED,
    APPLIED,
    CART_EVENTS,
    COMPLETED,
    COUPON_REMOVED,
    PAYMENT,
    REMOVED,
    STARTED,
    VIEWED,
)
from poller.streams.carts.facts import CartFacts
from poller.streams.carts.lines import LineChange
from poller.streams.carts.memory import CartMemory
from poller.streams.carts.properties import (
    cart_properties,
    content,
    coupon_properties,
    present,
    product_properties,
    recalled,
)
from poller.streams.carts.properties import coupons as codes
from poller.streams.customers import exclusion, traits, user_id
from poller.streams.described import IDENTIFY
from poller.streams.outcome import Outcome, Stream

FEEDS = (
    Feed(name="cart", thing="cart", kind="tail"),
    Feed(name="cart_touched", thing="cart", kind="touch"),
    Feed(name="ordered_carts", thing="cart", kind="tail"),
)
FORGET_AFTER = timedelta(days=30)
"""PrestaShop's cookie keeps a visitor's cart for 20 days (PS_COOKIE_LIFETIME_FO): what is older comes back no more."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look at a cart found."""

    cart: CartFacts
    before: CartMemory | None
    after: CartMemory
    lines: Sequence[LineChange]
    coupons: Sequence[CouponChange]
    reached: Sequence[Reached]


def derive(now: datetime, facts: CartFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """Everything that changed in the cart since the last look, each change with its number and its date.

    Once there is an order the cart is looked at a last time, then closed: what is edited in it later is the order's.
    """
    before = memories.load(memory) if memory else None
    look, again = _look(now, facts, before, policy=policy)
    events = tuple(_events(look, policy)) if _may_be_told(facts, policy) else ()
    if _is_forgotten(now, facts):
        return Outcome(events=events, is_forgotten=True)
    return Outcome(events=events, memory=memories.dump(look.after), again=again)


def _look(
    now: datetime, cart: CartFacts, before: CartMemory | None, *, policy: Policy
) -> tuple[_Look, datetime | None]:
    dates = Dates(now, cart, before)
    after = CartMemory(customer_id=cart.customer_id, looked_at=now, saved_at=cart.updated_at)
    if before is not None and before.is_closed:
        return _Look(cart, before, replace(after, is_closed=True), (), (), ()), None
    line_memory, changed, due = lines.compare(dates, before.lines if before else {}, cart_settle=policy.cart_settle)
    coupon_memory, applied = coupons.compare(dates, before.coupons if before else {})
    known = before.reached if before else frozenset[str]()
    steps = [step for step in checkout.reached(dates) if step.name not in known]
    if cart.orders:
        return _Look(cart, before, replace(after, is_closed=True), changed, applied, steps), None
    reached = known | {step.name for step in steps}
    after = replace(after, lines=line_memory, coupons=coupon_memory, reached=reached)
    return _Look(cart, before, after, changed, applied, steps), _again(now, cart, due, policy=policy)


def _again(now: datetime, cart: CartFacts, due: datetime | None, *, policy: Policy) -> datetime:
    """The next look: when a change will have stood, after the last stamp (lines are written later), or to forget."""
    saved = min(cart.updated_at or now, now)
    wanted = [saved + FORGET_AFTER, due, saved + policy.settle if now - saved < policy.settle else None]
    return max(now, min(moment for moment in wanted if moment))


def _is_forgotten(now: datetime, cart: CartFacts) -> bool:
    saved = cart.updated_at or cart.added_at
    return not cart.orders and saved is not None and now - saved >= FORGET_AFTER


def _may_be_told(cart: CartFacts, policy: Policy) -> bool:
    """Nothing is told of a customer who is gone, erased or internal; of a visitor without a name everything is."""
    if cart.customer_id == 0:
        return True
    return cart.customer is not None and exclusion(cart.customer, policy) is None


def _events(look: _Look, policy: Policy) -> Iterator[Event]:
    teller = _Teller(look.cart, policy)
    if look.before is not None and look.before.customer_id == 0 and look.cart.customer is not None:
        yield from teller.login(Dates(look.after.looked_at, look.cart, look.before).noticed())
    for change in look.lines:
        yield from teller.line(change)
    for applied in look.coupons:
        yield from teller.coupon(applied)
    for step in look.reached:
        yield from teller.step(step)


@dataclass(frozen=True, slots=True)
class _Teller:
    """Makes the events of one cart."""

    cart: CartFacts
    policy: Policy

    def line(self, change: LineChange) -> Iterator[Event]:
        """Product Added, or Product Removed; the quantity is the number added or removed."""
        product = change.line.product if change.line else recalled(change.key, change.product)
        quantity = abs(change.quantity)
        place = self.cart.lines.index(change.line) + 1 if change.line in self.cart.lines else None
        properties: dict[str, Json | None] = {
            **product_properties(product, quantity, self.cart.shop),
            "position": place,
            "coupon": codes(self.cart),
        }
        name = ADDED if change.quantity > 0 else REMOVED
        fact = f"line/{'-'.join(map(str, change.key))}/{change.number}"
        yield from self._told(name, fact, change.at, present(properties))

    def coupon(self, change: CouponChange) -> Iterator[Event]:
        """Coupon Applied, or Coupon Removed."""
        name = APPLIED if change.is_applied else COUPON_REMOVED
        fact = f"coupon/{change.coupon.rule_id}/{change.number}"
        yield from self._told(name, fact, change.at, coupon_properties(change.coupon))

    def step(self, step: Reached) -> Iterator[Event]:
        """Checkout Started, a step of it viewed or completed, or Payment Info Entered."""
        order = self.cart.orders[0] if self.cart.orders else None
        properties: dict[str, Json | None] = {
            "checkout_id": str(self.cart.cart_id),
            "order_id": str(order.order_id) if order else None,
        }
        if step.name == checkout.STARTED:
            yield from self._told(STARTED, "checkout/started", step.at, present(properties) | content(self.cart))
            return
        properties |= {
            "step": step.number,
            "step_name": step.step,
            "shipping_method": shipping_method(self.cart, step.step),
            "payment_method": order.payment if order and step.step in ("payment", "") else None,
        }
        name = PAYMENT if step.name == checkout.PAID else COMPLETED if step.is_complete else VIEWED
        yield from self._told(name, f"checkout/{step.name}", step.at, present(properties))

    def login(self, at: datetime) -> Iterator[Event]:
        """An identify call with both ids: whoever filled the anonymous cart is this customer."""
        who = self._who()
        if who.user_id and IDENTIFY.name not in self.policy.disabled:
            yield self._event(IDENTIFY.name, f"customer/{self.cart.customer_id}", at, {}, who=who)

    def _told(self, name: str, fact: str, at: datetime, properties: Mapping[str, Json]) -> Iterator[Event]:
        if name not in self.policy.disabled:
            yield self._event(name, fact, at, cart_properties(self.cart) | dict(properties), who=self._who())

    def _event(self, name: str, fact: str, at: datetime, properties: Mapping[str, Json], *, who: Who) -> Event:
        return Event(
            fact=f"cart/{self.cart.cart_id}/{fact}",
            call="identify" if name == IDENTIFY.name else "track",
            name=name,
            thing="cart",
            key=self.cart.cart_id,
            occurred_at=at,
            who=who,
            properties=properties,
            shop_id=self.cart.shop.shop_id,
        )

    def _who(self) -> Who:
        customer = self.cart.customer
        return Who(
            user_id=user_id(customer, self.policy.user_id) if customer else None,
            anonymous_id=anonymous_id(self.policy.namespace, f"cart/{self.cart.cart_id}"),
            customer_id=self.cart.customer_id or None,
            traits=traits(customer) if customer else {},
        )


def gone(now: datetime, key: int, memory: str | None, *, policy: Policy) -> Outcome:
    """A cart that was deleted: cleaners do that, no shopper, so nothing in it was taken out."""
    del now, key, memory, policy
    return Outcome(is_forgotten=True)


CARTS = Stream(
    thing="cart",
    feeds=FEEDS,
    derive=derive,
    gone=gone,
    emits=(*CART_EVENTS, IDENTIFY),
)
