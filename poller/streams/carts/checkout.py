"""The checkout: the steps a cart's session data say were reached and completed, and what an order proves of them.

A step is told once for each cart, when it is first seen reached and when it is first seen complete: shoppers go back
and forth, and PrestaShop throws the data away when the cart changes. Modules with a checkout on one page never write
them; then the order proves that there was one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from poller.streams.carts.dating import Dates
from poller.streams.carts.facts import CartFacts, CheckoutStep

STANDARD = {"personal-information": 1, "addresses": 2, "delivery": 3, "payment": 4}
"""PrestaShop's own steps; a cart of virtual products has no delivery, and its payment is step 4 all the same."""

STARTED, PAID = "started", "payment-info"


@dataclass(frozen=True, slots=True)
class Reached:
    """Something reached in the checkout: `name` is its own within the cart, for ever."""

    name: str
    at: datetime
    step: str = ""
    number: int | None = None
    is_complete: bool = False


def reached(dates: Dates) -> Iterator[Reached]:
    """Everything the cart's data and its orders prove to have been reached."""
    cart = dates.cart
    noticed = dates.noticed()
    numbers = _numbers(cart)
    is_open = any(step.is_reachable for step in cart.steps) and bool(cart.lines)
    if is_open or dates.ordered_at:
        yield Reached(STARTED, noticed if is_open else dates.ordered_at or noticed)
    for step in cart.steps if is_open or dates.ordered_at else ():
        number = numbers[step.name]
        ordered = dates.ordered_at if step.name == "payment" else None
        if step.is_reachable or ordered:
            yield Reached(f"{step.name}/viewed", noticed, step.name, number)
        if step.is_complete or ordered:
            yield Reached(f"{step.name}/completed", ordered or noticed, step.name, number, is_complete=True)
    if dates.ordered_at and any(order.payment for order in cart.orders):
        paid_in = "payment" if "payment" in numbers else ""
        yield Reached(PAID, dates.ordered_at, paid_in, numbers.get(paid_in))


def _numbers(cart: CartFacts) -> dict[str, int]:
    """Each step's number: PrestaShop's own have theirs, those of modules count from their place."""
    return {step.name: STANDARD.get(step.name, place) for place, step in enumerate(cart.steps, 1)}


def shipping_method(cart: CartFacts, step: str) -> str:
    """The carrier, once it was chosen: not before the step in which that is done."""
    ordered = next((order.carrier for order in cart.orders if order.carrier), "")
    is_chosen = step in ("delivery", "payment") and _is_complete(cart.steps, "delivery")
    return ordered or (cart.carrier if is_chosen else "")


def _is_complete(steps: tuple[CheckoutStep, ...], name: str) -> bool:
    return any(step.name == name and step.is_complete for step in steps)
