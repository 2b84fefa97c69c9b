"""The schemas refuse what a tracking plan must refuse, and take what is only rare."""

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft7Validator

from poller.segment.schemas import file_name, schema
from poller.streams.registry import event_types
from tests.house.told import messages
from tests.support.contract import complaints


def completed() -> dict[str, Any]:
    """A whole Order Completed, as it is sent."""
    return next(dict(m) for m in messages() if m.get("event") == "Order Completed" and "products" in m["properties"])


def change(**properties: Any) -> Callable[[dict[str, Any]], None]:
    return lambda message: message["properties"].update(properties)


def drop(name: str) -> Callable[[dict[str, Any]], None]:
    def without(message: dict[str, Any]) -> None:
        del message["properties"][name]

    return without


def line(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda message: message["properties"]["products"][0].update(fields)


@pytest.mark.parametrize(
    ("alter", "where"),
    [
        (change(total="31.20"), "$.properties.total"),
        (change(order_id=17), "$.properties.order_id"),
        (change(currency=""), "$.properties.currency"),
        (change(email=None), "$.properties.email"),
        (change(quantity=1.5), "$.properties.quantity"),
        (change(unheard_of=1), "$.properties"),
        (drop("order_id"), "$.properties"),
        (drop("total"), "$.properties"),
        (drop("affiliation"), "$.properties"),
        (line(price="10.00"), "$.properties.products[0].price"),
        (line(tags=[""]), "$.properties.products[0].tags[0]"),
        (line(unheard_of=1), "$.properties.products[0]"),
        (lambda message: message.pop("messageId"), "$"),
        (lambda message: message.update(timestamp="2026-03-02 12:00:00"), "$.timestamp"),
        (lambda message: message.update(timestamp="2026-03-02T12:00:00"), "$.timestamp"),
        (lambda message: message.update(event="Order Complete"), "no event of that name"),
    ],
)
def test_what_is_wrong_is_found(alter: Callable[[dict[str, Any]], object], where: str) -> None:
    message = completed()
    assert complaints(message) == []
    alter(message)
    assert [complaint.partition(": ")[0] for complaint in complaints(message)] == [where]


def test_a_shortened_message_may_lack_what_it_says_was_cut() -> None:
    message = completed()
    drop("affiliation")(message)
    change(properties_truncated=True)(message)
    assert complaints(message) == []


def test_a_tracking_plan_is_not_closed() -> None:
    """Segment Protocols tells of unplanned properties by itself; a plan that forbade them could not grow."""
    event = event_types()["Order Completed"]
    validator = Draft7Validator(schema(event, name=event.name))
    message = completed()
    change(unheard_of=1)(message)
    assert validator.is_valid({name: value for name, value in message.items() if name != "thing"})


def test_every_event_has_a_file_of_its_own() -> None:
    names = [file_name(event) for event in event_types().values()]
    assert len(set(names)) == len(names)
    assert file_name(event_types()["Order Completed"]) == "order-completed.json"
