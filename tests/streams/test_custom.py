"""Custom events, derived: whom a row is about, what its columns become, and what is never sent."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from poller.core.identity import anonymous_id
from poller.core.policy import UserId
from poller.streams.custom import CustomEvent, CustomFacts, derive, described, stream_of
from poller.streams.outcome import Outcome
from poller.streams.shops import Currency
from tests.streams.builders import ANNA, LATER, NOON, POLICY

OPENED = CustomEvent(
    name="email_opened",
    event="Email Opened",
    group="email",
    columns=("mark_id", "stamp", "customer_id", "id_campaign", "template", "paid"),
    properties={"id_campaign": "campaign_id"},
    money=frozenset({"paid"}),
)


def facts(**changes: Any) -> CustomFacts:
    whole: dict[str, Any] = {
        "custom": OPENED,
        "row_id": 17,
        "stamp": "2026-03-02 13:00:00",
        "at": NOON,
        "shop_id": 1,
        "customer_id": 4,
        "customer": ANNA,
        "cart_id": 0,
        "guest_id": 0,
        "currency": Currency("JPY", 0),
        "values": {},
    }
    return CustomFacts(**whole | changes)


def look(row: CustomFacts, **policy: Any) -> Outcome:
    return derive(LATER, row, None, policy=replace(POLICY, **policy))


def test_a_row_is_one_event_named_by_its_id_and_date() -> None:
    (event,) = look(facts(values={"id_campaign": 3, "template": "welcome"})).events
    assert (event.fact, event.name, event.thing, event.key) == (
        "custom/email_opened/17/2026-03-02 13:00:00",
        "Email Opened",
        "email_opened",
        17,
    )
    assert (event.occurred_at, event.shop_id) == (NOON, 1)
    assert event.properties == {"campaign_id": "3", "template": "welcome"}
    assert (event.who.user_id, event.who.anonymous_id, event.who.customer_id) == ("4", None, 4)
    assert event.who.traits["email"] == "anna@example.com"


def test_an_id_that_is_used_again_names_another_fact() -> None:
    (first,), (second,) = (look(facts(stamp=stamp)).events for stamp in ("2026-03-02 13:00:00", "2026-04-01 09:00:00"))
    assert first.fact != second.fact


@pytest.mark.parametrize(
    ("changes", "properties"),
    [
        ({"values": {"template": None, "id_campaign": 0, "other": ""}}, {}),
        ({"values": {"paid": Decimal("12.50")}}, {"paid": Decimal(13), "currency": "JPY"}),
        (
            {"values": {"paid": Decimal("0.005"), "currency": "BHD"}, "currency": Currency("KWD", 3)},
            {"paid": Decimal("0.005"), "currency": "BHD"},
        ),
        ({"values": {"count": 0, "done": True}}, {"count": 0, "done": True}),
    ],
)
def test_columns_become_properties(changes: dict[str, Any], properties: dict[str, Any]) -> None:
    (event,) = look(facts(**changes)).events
    assert event.properties == properties


@pytest.mark.parametrize(
    ("changes", "origin"),
    [
        ({"customer_id": 0, "customer": None, "cart_id": 30, "guest_id": 7}, "cart/30"),
        ({"customer_id": 0, "customer": None, "guest_id": 7}, "guest/7"),
        ({"customer_id": 0, "customer": None}, "custom/email_opened"),
        ({"cart_id": 30}, "cart/30"),
    ],
)
def test_a_visitor_is_whoever_made_the_cart(changes: dict[str, Any], origin: str) -> None:
    (event,) = look(facts(**changes)).events
    assert event.who.anonymous_id == anonymous_id(POLICY.namespace, origin)


def test_a_customer_without_a_user_id_is_anonymous_by_themselves() -> None:
    (event,) = look(facts(), user_id=UserId(source="anonymous")).events
    assert (event.who.user_id, event.who.anonymous_id) == (None, anonymous_id(POLICY.namespace, "customer/4"))


@pytest.mark.parametrize(
    "row",
    [
        facts(customer=None),
        facts(customer=replace(ANNA, is_erased=True)),
        facts(customer=replace(ANNA, is_deleted=True)),
        facts(customer=replace(ANNA, is_house_account=True)),
    ],
)
def test_nothing_is_sent_of_who_is_left_out(row: CustomFacts) -> None:
    assert look(row) == Outcome()


def test_a_row_without_a_date_or_from_the_future_happened_when_noticed() -> None:
    for at in (None, LATER + timedelta(hours=1)):
        (event,) = look(facts(at=at)).events
        assert event.occurred_at == LATER


def test_the_catalogue_knows_its_properties() -> None:
    event = described(OPENED)
    assert [(one.name, one.kind) for one in event.properties] == [
        ("campaign_id", "string"),
        ("template", "any"),
        ("paid", "number"),
        ("currency", "string"),
    ]
    stream = stream_of(OPENED)
    assert (stream.thing, stream.is_logbook, [feed.name for feed in stream.feeds]) == (
        "email_opened",
        True,
        ["custom/email_opened"],
    )
