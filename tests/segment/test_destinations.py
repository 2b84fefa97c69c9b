"""Destinations find what they need in the default output, so that nobody has to write a mapping."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest

from poller.streams.registry import event_types
from tests.house.told import messages
from tests.support.destinations import DESTINATIONS, Destination, Need, unmet

MESSAGES = [dict(message) for message in messages()]


def whole(event: str) -> list[dict[str, Any]]:
    """The messages of an event about somebody known, with their lines: those a destination can do something with."""
    return [
        message
        for message in MESSAGES
        if message.get("event") == event
        and message["context"].get("traits")
        and not message["properties"].get("properties_truncated")
        and (message["properties"].get("products") or not event.startswith(("Order", "Checkout S")))
    ]


def ids(destination: Destination) -> str:
    return f"{destination.action}: {destination.event}"


@pytest.mark.parametrize("destination", DESTINATIONS, ids=ids)
def test_a_destination_finds_what_it_needs(destination: Destination) -> None:
    found = whole(destination.event)
    assert bool(found) == (destination.event in event_types()), "an event that is sent must be among what is told"
    for message in found:
        assert unmet(message, destination) == []


CASES = [(destination, need) for destination in DESTINATIONS for need in destination.needs]


@pytest.mark.parametrize(("destination", "need"), CASES, ids=lambda case: getattr(case, "path", None))
def test_a_need_that_is_not_met_is_noticed(destination: Destination, need: Need) -> None:
    for message in whole(destination.event)[:1]:
        without = copy.deepcopy(message)
        for path in need.path.split("|"):
            remove(without, path.split("."))
        assert need.path in unmet(without, destination)


def remove(body: Any, path: list[str]) -> None:
    """Take away what stands at a path."""
    name = path[0].removesuffix("[]")
    if len(path) == 1:
        body.pop(name, None)
    elif path[0].endswith("[]"):
        for element in body[name]:
            remove(element, path[1:])
    elif isinstance(body.get(name), Mapping):
        remove(body[name], path[1:])


@pytest.mark.parametrize(
    ("properties", "path"),
    [
        ({"currency": "eur"}, "properties.currency"),
        ({"total": "30.00"}, "properties.total"),
        ({"order_id": 17}, "properties.order_id"),
        ({"revenue": None}, "properties.revenue"),
    ],
)
def test_a_wrong_type_is_noticed(properties: dict[str, Any], path: str) -> None:
    message = copy.deepcopy(whole("Order Completed")[0])
    message["properties"].update(properties)
    assert path in {missing for destination in DESTINATIONS for missing in unmet(message, destination)}


def test_revenue_is_booked_once() -> None:
    """Classic destinations book whatever event carries `revenue`; and TikTok takes `value` before it."""
    with_revenue = {message.get("event") for message in MESSAGES if "revenue" in message.get("properties", {})}
    assert with_revenue == {"Order Completed"}
    assert not [message for message in whole("Order Completed") if "value" in message["properties"]]


def test_every_line_has_its_currency_and_variant() -> None:
    """Braze refuses an order of which one line has no variant, and books a line without a currency in dollars."""
    for message in MESSAGES:
        for product in message.get("properties", {}).get("products", ()):
            assert product["variant"]
            assert product["currency"] == message["properties"]["currency"]
