"""What the timeline of a recording says happened in carts, checkout by checkout."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Told: TypeAlias = tuple[str, int, str]
"""An event, its cart or wishlist, and what it is about: `2 x 1-1`, a coupon's name, a step's number."""

GIFT = ("Gift mug", (6, 0))
REORDERED = {7: ((1, 1), 2)}
"""What the order held that is reordered in the recording: its own steps say so."""
_ENDS = ("order_placed", "logout", "pay_no_answer")


@dataclass(frozen=True, slots=True)
class CartStep:
    """One act in the timeline: when it was done, what must be told of it, and whether it takes something back."""

    known_at: float
    began_at: float
    told: tuple[Told, ...]
    is_reversal: bool


@dataclass
class _Cart:
    """A cart as its pages show it."""

    cart_id: int
    lines: Counter[tuple[int, int]] = field(default_factory=Counter)
    coupons: list[str] = field(default_factory=list)
    reached: set[tuple[str, str]] = field(default_factory=set)


def cart_steps(timeline: list[dict[str, Any]]) -> Iterator[CartStep]:
    """The acts on carts, in order."""
    numbers = _numbers(timeline)
    carts: dict[str, _Cart] = {}
    for step in timeline:
        actor, action = step["actor"], step["action"]
        if action == "bo_new_order":
            yield _in_the_office(step)
            continue
        if action in _WISHES:
            yield _wish(step)
            continue
        if actor not in carts and (actor, step["n"]) in numbers:
            carts[actor] = _Cart(numbers[actor, step["n"]])
        if actor not in carts:
            continue
        told = tuple(_told(step, carts[actor]))
        if told:
            yield CartStep(_end(step), step["t"], told, action.endswith(("_up", "_down", "_remove")))
        if action in _ENDS:
            del carts[actor]


def _end(step: dict[str, Any]) -> float:
    return float(step.get("t_end", step["t"]))


def _numbers(timeline: list[dict[str, Any]]) -> dict[tuple[str, int], int]:
    """The cart of each actor's first act in it: named by the driver's note, or else by the order it became."""
    begun: dict[str, int] = {}
    named: dict[tuple[str, int], int] = {}
    for step in timeline:
        actor, action = step["actor"], step["action"]
        if action in ("cart_add", "reorder", "browser_add_to_cart"):
            begun.setdefault(actor, step["n"])
        of = step["what"].split()[2] if action == "note" and "id_cart" in step else actor
        if of in begun and step.get("id_cart"):
            named.setdefault((of, begun[of]), int(step["id_cart"]))
        if action in _ENDS:
            begun.pop(actor, None)
    return named


def _told(step: dict[str, Any], cart: _Cart) -> Iterator[Told]:
    action, result, args = step["action"].removeprefix("browser_"), step.get("result"), step.get("args") or []
    if action.startswith("voucher_"):
        if isinstance(result, dict) and result.get("success"):
            yield from _coupons(cart, [name for name, _, _ in result.get("vouchers") or []])
    elif action in ("cart_add", "cart_up", "cart_down", "cart_remove", "add_to_cart", "reorder"):
        yield _line(cart, *_change(step["actor"], action, args, cart))
    elif action in _CHECKOUT and (action != "login" or step["actor"].startswith("browser:")):
        yield from _reach(cart, *_CHECKOUT[action])


def _change(actor: str, action: str, args: list[Any], cart: _Cart) -> tuple[tuple[int, int], int]:
    """Which line an act changes, and by how much."""
    match action:
        case "add_to_cart":
            return _BROWSED[actor], 1
        case "reorder":
            return REORDERED[args[0]]
    key = (int(args[0]), int(args[1]) if len(args) > 1 else 0)
    return key, {"cart_add": args[-1], "cart_up": 1, "cart_down": -1, "cart_remove": -cart.lines[key]}[action]


_IDENTIFIED = (
    ("Checkout Step Viewed", "1"),
    ("Checkout Step Completed", "1"),
    ("Checkout Step Viewed", "2"),
    ("Checkout Started", ""),
)
_PLACED = (("Checkout Step Completed", "2"), ("Checkout Step Viewed", "3"))
_DELIVERED = (("Checkout Step Completed", "3"), ("Checkout Step Viewed", "4"))
_PAID = (("Checkout Step Completed", "4"), ("Payment Info Entered", "4"))
_CHECKOUT = {
    "checkout_open": _IDENTIFIED,
    "checkout_identity_guest": _IDENTIFIED,
    "guest_identity": _IDENTIFIED,
    "login": _IDENTIFIED,
    "checkout_address": _PLACED,
    "address": _PLACED,
    "checkout_delivery": _DELIVERED,
    "delivery": _DELIVERED,
    "order_placed": _PAID,
    "pay_no_answer": _PAID,
}
_BROWSED = {"browser:bruno": (6, 0), "browser:carol": (7, 0)}
"""The product whose page the step before shows."""
_WITHOUT_DELIVERY = (21, 22)
"""Carts of virtual products: their pages have no delivery form, the timeline says."""


def _line(cart: _Cart, key: tuple[int, int], change: int) -> Told:
    cart.lines[key] += change
    name = "Product Added" if change > 0 else "Product Removed"
    return name, cart.cart_id, f"{abs(change)} x {key[0]}-{key[1]}"


def _coupons(cart: _Cart, names: list[str]) -> Iterator[Told]:
    for name in names:
        if name not in cart.coupons:
            yield "Coupon Applied", cart.cart_id, name
            if name == GIFT[0]:
                yield _line(cart, GIFT[1], 1)
    for name in cart.coupons:
        if name not in names:
            yield "Coupon Removed", cart.cart_id, name
    cart.coupons = names


def _reach(cart: _Cart, *events: tuple[str, str]) -> Iterator[Told]:
    """What was not reached before; of virtual products payment comes in the place of delivery."""
    for name, number in events:
        if cart.cart_id in _WITHOUT_DELIVERY:
            if (name, number) == ("Checkout Step Completed", "3"):
                continue
            number = "4" if number == "3" else number  # noqa: PLW2901 - the page's own numbering
        if (name, number) not in cart.reached:
            cart.reached.add((name, number))
            yield name, cart.cart_id, number


_WISHES = {
    "wishlist_add": "Product Added to Wishlist",
    "wishlist_remove": "Product Removed from Wishlist",
    "wishlist_add_to_cart": "Wishlist Product Added to Cart",
}


def _wish(step: dict[str, Any]) -> CartStep:
    """What is done with a list; in place of a cart the list."""
    of = step["kwargs"]
    about = f"{of['id_product']}-{of['id_product_attribute']}"
    told = (_WISHES[step["action"]], int(of.get("idWishList") or of["idWishlist"]), about)
    return CartStep(_end(step), step["t"], (told,), step["action"] == "wishlist_remove")


def _in_the_office(step: dict[str, Any]) -> CartStep:
    cart = step["id_cart"]
    told: list[Told] = [("Product Added", cart, f"{n} x {p}-{a}") for p, a, n in step["args"]["products"]]
    told += [("Checkout Started", cart, ""), ("Payment Info Entered", cart, "")]
    return CartStep(_end(step), step["t"], tuple(told), is_reversal=False)


def told_of_carts(messages: Iterable[dict[str, Any]]) -> Counter[Told]:
    """What arrived, in the same words."""
    found: Counter[Told] = Counter()
    for message in messages:
        name, told = str(message.get("event", "")), message.get("properties", {})
        if "Wishlist" in name:
            about = f"{told['product_id']}-{told.get('prestashop_variant_id', 0)}"
            found[name, int(told["wishlist_id"]), about] += 1
            continue
        if name.endswith("Viewed") and name != "Checkout Step Viewed":
            continue  # pages, which other tests count
        if name.startswith("Product "):
            about = f"{told['quantity']} x {told['product_id']}-{told.get('prestashop_variant_id', 0)}"
        elif name.startswith("Coupon ") and "order_id" not in told:
            about = told["coupon_name"]
        elif name.startswith(("Checkout ", "Payment ")):
            about = str(told.get("step", ""))
        else:
            continue
        found[name, int(told["cart_id"]), about] += 1
    return found
