"""What is held back of a customer is in no part of the message."""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from poller.core.events import Json
from poller.segment.privacy import Privacy
from tests.segment.events import COMPLETED, IDENTIFY, WIRE, composed

HOME: Mapping[str, Json] = {"street": "1 Example Street", "city": "Paris", "postalCode": "75001", "country": "FR"}
TRAITS: Mapping[str, Json] = {
    "email": " Ada@Example.com",
    "firstName": "Ada",
    "phone": "+33 1 00-00",
    "createdAt": "2026-03-01T12:00:00Z",
    "address": HOME,
    "default_address": HOME,
    "newsletter": False,
}
WHO = replace(COMPLETED.who, traits=TRAITS)
ORDER = replace(COMPLETED, who=WHO, properties={**COMPLETED.properties, "email": " Ada@Example.com"})
CUSTOMER = replace(IDENTIFY, who=WHO)
EVERYWHERE = replace(WIRE, traits_in=frozenset({"identify", "context", "properties"}))


def sent(**choices: Any) -> list[dict[str, Any]]:
    wire = replace(EVERYWHERE, privacy=Privacy(**choices))
    return [composed(ORDER, wire), composed(CUSTOMER, wire)]


def bodies(**choices: Any) -> list[dict[str, Any]]:
    """Every place in which traits stand: properties, context.traits, traits."""
    order, customer = sent(**choices)
    return [order["properties"], order["context"]["traits"], customer["traits"], customer["context"]["traits"]]


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def test_by_default_nothing_is_held_back() -> None:
    for body in bodies():
        assert {name: body[name] for name in TRAITS} == TRAITS


@pytest.mark.parametrize(
    ("part", "names", "canaries"),
    [
        ("email", {"email"}, ("Ada@", "ada@")),
        ("phone", {"phone"}, ("+33",)),
        ("address", {"address", "default_address"}, ("Example Street", "75001", "Paris")),
    ],
)
def test_what_is_left_out_is_nowhere(part: str, names: set[str], canaries: tuple[str, ...]) -> None:
    for body in bodies(**{part: "none"}):
        assert not names & set(body)
        assert set(TRAITS) - names <= set(body)
    text = json.dumps(sent(**{part: "none"}))
    assert [canary for canary in canaries if canary in text] == []


def test_a_hash_is_of_what_is_meant_not_of_how_it_was_typed() -> None:
    home = {
        "street": hashed("1 example street"),
        "city": hashed("paris"),
        "postalCode": hashed("75001"),
        "country": hashed("fr"),
    }
    for body in bodies(email="hash", phone="hash", address="hash"):
        assert body["email"] == hashed("ada@example.com")
        assert body["phone"] == hashed("+3310000")
        assert (body["address"], body["default_address"]) == (home, home)
        assert body["firstName"] == "Ada"


def test_an_allow_list_holds_for_traits_and_not_for_properties() -> None:
    order, customer = sent(traits=frozenset({"firstName", "purchase_count_xcommerce"}))
    assert order["context"]["traits"] == {"firstName": "Ada"}
    assert customer["traits"] == {"firstName": "Ada", "purchase_count_xcommerce": 3}
    assert order["properties"]["email"] == " Ada@Example.com"
    assert "newsletter" not in order["properties"]
    assert (order["properties"]["order_id"], order["properties"]["total"]) == ("17", 38.24)


def test_snake_case_stands_beside_camel_case_at_any_depth() -> None:
    for body in bodies(has_snake_case=True):
        assert (body["first_name"], body["firstName"]) == ("Ada", "Ada")
        assert body["created_at"] == body["createdAt"]
        assert body["address"] == {**HOME, "postal_code": "75001"}
    assert "order_id" in bodies(has_snake_case=True)[0]


def test_what_is_held_back_has_no_snake_case_either() -> None:
    body = bodies(has_snake_case=True, traits=frozenset({"email"}), email="hash")[2]
    assert body == {"email": hashed("ada@example.com")}
