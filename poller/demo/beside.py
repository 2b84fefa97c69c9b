"""What the shop does beside selling: how each of those facts is named, and recognised in a message."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

Recognise: TypeAlias = Callable[[Mapping[str, Any]], tuple[str, str] | None]
"""From a message to whom or what it is about, and the detail that must agree; None: not to be reckoned."""


def _customer(message: Mapping[str, Any]) -> str:
    return f"customer {message['userId']}"


def _of_customer(message: Mapping[str, Any]) -> tuple[str, str]:
    return _customer(message), ""


def _of_reader(message: Mapping[str, Any]) -> tuple[str, str]:
    return (_customer(message) if message.get("userId") else f"visitor {message['properties']['email']}"), ""


def _mailed(message: Mapping[str, Any]) -> tuple[str, str]:
    return _customer(message), message["properties"]["email_template"]


def _searched(message: Mapping[str, Any]) -> tuple[str, str]:
    told = message["properties"]
    return f"search {told['query']}", str(told["results"])


def _clicked(message: Mapping[str, Any]) -> tuple[str, str]:
    return f"campaign {message['context']['campaign']['name']}", ""


def _viewed(what: str, name: str = "") -> Recognise:
    """A page view, by what it showed: the property of that name, if it has one."""

    def recognise(message: Mapping[str, Any]) -> tuple[str, str]:
        return (f"{what} {message['properties'][name]}" if name else what), ""

    return recognise


def _updated(message: Mapping[str, Any]) -> tuple[str, str] | None:
    """Not of tracking numbers: whether one is a change depends on when somebody looked."""
    told = message["properties"]
    return None if told["changed"] == "tracking_number" else (f"order {told['order_id']}", told["changed"])


BESIDE: Mapping[str, Recognise] = MappingProxyType(
    {
        "Order Updated": _updated,
        "Signed Up": _of_customer,
        "Signed In": _of_customer,
        "Subscribed": _of_reader,
        "Unsubscribed": _of_reader,
        "Email Sent": _mailed,
        "Email Replied": _of_customer,
        "Products Searched": _searched,
        "Link Clicked": _clicked,
        "page": _viewed("page", "name"),
        "Product Viewed": _viewed("product", "product_id"),
        "Product List Viewed": _viewed("list", "list_id"),
        "Cart Viewed": _viewed("cart page"),
        "Registration Viewed": _viewed("registration page"),
        "Thankyou Page Viewed": _viewed("confirmation page"),
    }
)
