"""The reckoning: what agrees, what is missing, what nobody did, and how long it took."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from poller.demo.book import Deed
from poller.demo.receiver import Arrival
from poller.demo.reckoning import Fact, missing, reckon

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TRAITS = {"email": "a@example.com", "firstName": "A", "lastName": "B", "newsletter": True, "street": "1 rue"}


def placed(order_id: int = 7, amount: str = "12.50", *, at: datetime = NOON) -> Deed:
    return Deed(act="bought", kind="completed", at=at, order_id=order_id, amount=Decimal(amount), currency="EUR")


def came(message: dict[str, Any], *, after: float = 1, identity: str = "m") -> Arrival:
    return Arrival({"messageId": identity, **message}, NOON + timedelta(seconds=after))


def completed(order_id: str = "7", total: float = 12.5) -> dict[str, Any]:
    told = {"order_id": order_id, "total": total, "currency": "EUR"}
    return {"type": "track", "event": "Order Completed", "properties": told}


def identified(**changes: object) -> dict[str, Any]:
    traits = TRAITS | changes
    address = {"street": traits.pop("street")}
    return {"type": "identify", "userId": "3", "traits": traits | {"address": address}}


def test_what_arrived_as_it_was_done_makes_no_difference() -> None:
    tally = reckon([placed()], [came(completed(), after=1.5)])["completed"]
    assert (tally.done, tally.arrived, tally.missing, tally.unexpected) == (1, 1, [], [])
    assert tally.delays == [timedelta(seconds=1.5)]


def test_a_message_sent_again_is_one_fact_and_another_id_is_another() -> None:
    again = [came(completed()), came(completed(), after=2)]
    assert reckon([placed()], again)["completed"].unexpected == []
    double = [came(completed()), came(completed(), identity="n")]
    assert reckon([placed()], double)["completed"].unexpected == [Fact("completed", "order 7", "12.50 EUR")]


def test_another_amount_is_missing_and_unexpected() -> None:
    tally = reckon([placed()], [came(completed(total=12.51))])["completed"]
    assert tally.missing == [Fact("completed", "order 7", "12.50 EUR")]
    assert tally.unexpected == [Fact("completed", "order 7", "12.51 EUR")]


def test_two_equal_refunds_are_two_facts() -> None:
    deeds = [
        Deed(act="refund", kind="refunded", at=NOON, order_id=7, amount=Decimal(5), currency="EUR") for _ in range(2)
    ]
    told = {
        "type": "track",
        "event": "Order Refunded",
        "properties": {"order_id": "7", "total": 5.0, "currency": "EUR"},
    }
    assert missing(deeds, [came(told)]) == [Fact("refunded", "order 7", "5.00 EUR")]
    assert missing(deeds, [came(told), came(told, identity="n")]) == []


def test_of_a_customer_only_the_last_state_is_owed() -> None:
    deeds = [
        Deed(act="registered", kind="identify", at=NOON, customer_id=3, traits=TRAITS | {"email": "old@example.com"}),
        Deed(act="edited", kind="identify", at=NOON + timedelta(seconds=1), customer_id=3, traits=TRAITS),
    ]
    assert len(missing(deeds, [came(identified(email="old@example.com"))])) == 1
    arrivals = [came(identified(), after=3, identity=identity) for identity in "ab"]
    tally = reckon(deeds, arrivals)["identify"]
    assert (tally.done, tally.arrived, tally.missing, tally.unexpected) == (1, 1, [], [])
    assert tally.delays == [timedelta(seconds=2)]
    assert len(missing(deeds, [came(identified(street="2 rue"))])) == 1


def test_of_a_deleted_customer_nothing_is_owed() -> None:
    deeds = [
        Deed(act="registered", kind="identify", at=NOON, customer_id=3, traits=TRAITS),
        Deed(act="deleted", kind=None, at=NOON, customer_id=3),
    ]
    assert missing(deeds, []) == []


def test_an_order_nobody_placed_is_unexpected() -> None:
    tally = reckon([], [came(completed("9"))])["completed"]
    assert tally.unexpected == [Fact("completed", "order 9", "12.50 EUR")]
