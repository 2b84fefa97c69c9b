"""What destinations need of a message, so that their default mappings work as they are; each need with its source.

The sources are the actions of segmentio/action-destinations (packages/destination-actions/src/destinations), by
destination and action.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Check = Callable[[Any], bool]


def is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def is_currency(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[A-Z]{3}", value) is not None


def is_time(value: Any) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


def is_id(value: Any) -> bool:
    return is_text(value) and len(value) <= 100


@dataclass(frozen=True, slots=True)
class Need:
    """A path that must be there (`products[]` means every line; `a|b` means either), and what must hold of it."""

    path: str
    check: Check


@dataclass(frozen=True, slots=True)
class Destination:
    """An action of a destination, the event that triggers it, and what it needs."""

    action: str
    event: str
    needs: tuple[Need, ...]


SOMEBODY = Need("userId|anonymousId", is_text)
WHEN = Need("timestamp", is_time)
ONCE = Need("messageId", is_id)
ORDER = Need("properties.order_id", is_text)
CURRENCY = Need("properties.currency", is_currency)
TOTAL = Need("properties.total", is_number)
REVENUE = Need("properties.revenue", is_number)
EMAIL = Need("context.traits.email", is_text)
MAIL = Need("properties.email", is_text)
NAMED = Need("context.traits.firstName", is_text)


def lines(*names: str) -> tuple[Need, ...]:
    """Of every line."""
    checks: Mapping[str, Check] = {"quantity": is_count, "price": is_number, "currency": is_currency}
    return tuple(Need(f"properties.products[].{name}", checks.get(name, is_text)) for name in names)


BRAZE_ORDER = (
    Need("userId|context.traits.email", is_text),
    WHEN,
    ORDER,
    TOTAL,
    CURRENCY,
    *lines("product_id", "name", "variant", "quantity", "price"),
)
DESTINATIONS: tuple[Destination, ...] = (
    Destination(
        "google-analytics-4/purchase",
        "Order Completed",
        (SOMEBODY, ORDER, CURRENCY, TOTAL, *lines("product_id", "name", "price", "quantity")),
    ),
    Destination("google-analytics-4/refund", "Order Refunded", (SOMEBODY, ORDER, CURRENCY, TOTAL)),
    Destination(
        "google-analytics-4/beginCheckout",
        "Checkout Started",
        (SOMEBODY, CURRENCY, Need("properties.value", is_number), *lines("product_id", "name", "price", "quantity")),
    ),
    Destination(
        "google-analytics-4/addToCart",
        "Product Added",
        (
            SOMEBODY,
            CURRENCY,
            Need("properties.value", is_number),
            Need("properties.product_id", is_text),
            Need("properties.name", is_text),
            Need("properties.price", is_number),
            Need("properties.quantity", is_count),
        ),
    ),
    Destination(
        "facebook-conversions-api/purchase",
        "Order Completed",
        (REVENUE, CURRENCY, ONCE, WHEN, EMAIL, NAMED, *lines("product_id", "quantity", "price")),
    ),
    Destination("braze/orderPlaced", "Order Completed", BRAZE_ORDER),
    Destination("braze/orderCancelled", "Order Cancelled", (*BRAZE_ORDER, Need("properties.reason", is_text))),
    Destination("braze/orderRefunded", "Order Refunded", BRAZE_ORDER),
    Destination("braze/trackPurchase", "Order Completed", lines("product_id", "price", "quantity", "currency")),
    Destination(
        "tiktok-conversions/reportWebEvent",
        "Order Completed",
        (REVENUE, CURRENCY, ORDER, ONCE, *lines("product_id", "price", "quantity", "name")),
    ),
    Destination("klaviyo/orderCompleted", "Order Completed", (ONCE, WHEN, EMAIL, MAIL, SOMEBODY)),
    Destination("klaviyo/trackEvent", "Order Cancelled", (ONCE, WHEN, EMAIL, MAIL)),
    Destination("klaviyo/trackEvent", "Order Refunded", (ONCE, WHEN, EMAIL, MAIL)),
    Destination(
        "google-enhanced-conversions/uploadClickConversion2",
        "Order Completed",
        (ORDER, TOTAL, CURRENCY, MAIL, WHEN, *lines("product_id", "price", "quantity")),
    ),
    Destination("snap-conversions-api/reportConversionEvent", "Order Completed", (REVENUE, CURRENCY, ORDER, ONCE)),
    Destination(
        "iterable/trackPurchase",
        "Order Completed",
        (ORDER, TOTAL, Need("properties.email|context.traits.email", is_text), *lines("product_id", "name", "price")),
    ),
)


def unmet(message: Mapping[str, Any], destination: Destination) -> list[str]:
    """The paths a destination would look for in vain, or find something else at."""
    return [need.path for need in destination.needs if not _is_met(message, need)]


def _is_met(message: Mapping[str, Any], need: Need) -> bool:
    for path in need.path.split("|"):
        found = [*values(message, path.split("."))]
        if found and all(value is not None and need.check(value) for value in found):
            return True
    return False


def values(body: Any, path: list[str]) -> Iterator[Any]:
    """What stands at a path: one value, or of `name[]` one for each element; None where there is nothing."""
    if not path:
        yield body
        return
    name, rest = path[0], path[1:]
    inner = body.get(name.removesuffix("[]")) if isinstance(body, Mapping) else None
    if name.endswith("[]"):
        for element in inner or ():
            yield from values(element, rest)
    elif inner is None:
        yield None
    else:
        yield from values(inner, rest)
