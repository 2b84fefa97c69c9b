"""Customers: when they are told of, and with which traits."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import md5, sha256
from typing import Any

import pytest

from poller.core.policy import UserId
from poller.streams.customers import Address, CustomerFacts, derive, gone, traits, user_id
from poller.streams.outcome import Outcome
from tests.streams.builders import ANNA, LATER, NOON, POLICY, minutes

HOME = Address(street="1 Example Street, Flat 2", city="Exampleville", postal_code="75001", country_code="FR")


def look(facts: CustomerFacts, memory: str | None = None, *, now: Any = LATER, policy: Any = POLICY) -> Outcome:
    return derive(now, facts, memory, policy=policy)


def test_a_new_customer_is_told_once() -> None:
    first = look(ANNA)
    assert [event.occurred_at for event in first.events if event.call == "identify"] == [ANNA.updated_at]
    again = look(ANNA, first.memory)
    assert (again.events, again.memory) == (first.events, first.memory)


def test_a_changed_trait_is_a_new_fact_dated_by_the_save() -> None:
    first = look(ANNA)
    moved = look(replace(ANNA, last_name="Married", updated_at=minutes(5)), first.memory)
    assert moved.events[0].fact != first.events[0].fact
    assert moved.events[0].occurred_at == minutes(5)


def test_a_change_that_no_save_dates_is_dated_when_it_was_noticed() -> None:
    """[35] A new address, the newsletter box in the footer: customer.date_upd stays."""
    first = look(ANNA)
    assert look(replace(ANNA, address=HOME), first.memory, now=minutes(9)).events[0].occurred_at == minutes(9)
    subscribed = look(replace(ANNA, is_newsletter=True), first.memory, now=minutes(9))
    assert subscribed.events[0].occurred_at == minutes(9)


def test_a_save_without_a_change_is_no_fact() -> None:
    """[13]"""
    first = look(ANNA)
    assert look(replace(ANNA, updated_at=minutes(5)), first.memory).events == first.events


def test_a_change_and_its_undoing_are_three_facts() -> None:
    first = look(ANNA)
    second = look(replace(ANNA, first_name="Annabel"), first.memory, now=minutes(5))
    third = look(ANNA, second.memory, now=minutes(6))
    assert len({outcome.events[0].fact for outcome in (first, second, third)}) == 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_deleted": True}, "deleted"),
        ({"is_erased": True}, "erased"),
        ({"is_erased": True, "is_deleted": True}, "erased"),
    ],
)
def test_who_was_deleted_or_erased_is_not_told_of(change: dict[str, Any], reason: str) -> None:
    """[34]"""
    outcome = look(replace(ANNA, **change))
    assert (outcome.events, outcome.exclude) == ((), (4, reason))


def test_a_customer_whose_row_is_gone_is_excluded() -> None:
    assert gone(LATER, 4, None, policy=POLICY).exclude == (4, "deleted")


def test_house_accounts_and_internal_customers_are_not_told_of() -> None:
    """[46]"""
    assert look(replace(ANNA, is_house_account=True)).events == ()
    assert look(ANNA, policy=replace(POLICY, internal=frozenset({"4"}))).events == ()
    assert (
        look(
            replace(ANNA, email=" Anna@Example.com "), policy=replace(POLICY, internal=frozenset({"anna@example.com"}))
        ).events
        == ()
    )


def test_traits_have_the_reserved_names_and_absent_is_absent() -> None:
    whole = replace(
        ANNA,
        gender="female",
        birthday=date(1990, 2, 28),
        is_newsletter=True,
        address=replace(HOME, phone="+33 1 00 00 00 00", company="Example Ltd"),
    )
    place = {"street": HOME.street, "city": HOME.city, "postalCode": "75001", "country": "FR"}
    assert traits(whole) == {
        "email": "anna@example.com",
        "firstName": "Anna",
        "lastName": "Example",
        "phone": "+33 1 00 00 00 00",
        "birthday": "1990-02-28",
        "gender": "female",
        "company": {"name": "Example Ltd"},
        "createdAt": (NOON - timedelta(days=400)).isoformat().replace("+00:00", "Z"),
        "newsletter": True,
        "partner_offers": False,
        "is_guest": False,
        "prestashop_customer_id_xcommerce": "4",
        "address": place,
        "default_address": place,
    }
    assert not {"phone", "birthday", "gender", "company", "address"} & set(traits(ANNA))


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (UserId(), "4"),
        (UserId(prefix="shop1-"), "shop1-4"),
        (UserId(source="custom"), "ERP-7"),
        (UserId(source="anonymous"), None),
        (UserId(source="email_hash"), sha256(b"anna@example.com").hexdigest()),
        (UserId(source="email_hash", hash="md5"), md5(b"anna@example.com", usedforsecurity=False).hexdigest()),
    ],
)
def test_the_user_id_is_the_operator_s_choice(choice: UserId, expected: str | None) -> None:
    assert user_id(replace(ANNA, email=" ANNA@example.com ", custom_id="ERP-7"), choice) == expected


def test_without_a_user_id_there_is_no_identify_but_the_memory_goes_on() -> None:
    outcome = look(ANNA, policy=replace(POLICY, user_id=UserId(source="custom")))
    assert [event.call for event in outcome.events] == ["track"]
    assert outcome.memory != "{}"
