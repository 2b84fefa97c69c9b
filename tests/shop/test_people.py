"""Customers as the edge loads them. Traps: [25] rates, [33] e-mails, [34] erased and deleted, [35] addresses."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from poller.errors import ShopStatementError
from poller.shop.people import LARGEST_LEDGER, CustomField
from poller.streams.customers import Address, exclusion
from tests.shop.conftest import Scene
from tests.shop.opening import open_shop
from tests.shop.rows import NOON
from tests.streams.builders import POLICY

NOON_UTC = datetime(2024, 3, 4, 11, 0, tzinfo=UTC)


def test_a_customer_whole(scene: Scene) -> None:
    customer = scene.rows.customer(birthday="1990-02-28", company="Example Ltd", newsletter=1, optin=1, is_guest=1)
    facts = scene.customer(customer)
    assert (facts.gender, str(facts.birthday), facts.company) == ("male", "1990-02-28", "Example Ltd")
    assert (facts.is_newsletter, facts.is_partner_offers, facts.is_guest) == (True, True, True)
    assert (facts.added_at, facts.updated_at) == (NOON_UTC, NOON_UTC)
    assert facts.address == Address(
        street="1 Example Street",
        city="Paris",
        postal_code="75001",
        country="France",
        country_code="FR",
        phone="0100000000",
    )


def test_the_newest_address_in_use_is_the_customers(scene: Scene) -> None:
    """[35] PrestaShop replaces an address that an order uses, and marks the old one as deleted."""
    rows = scene.rows
    customer = rows.customer()
    rows.address(customer, city="Lyon", address2="Back yard", phone_mobile="0600000000")
    rows.address(customer, city="Nice", deleted=1)
    address = scene.customer(customer).address
    assert address
    assert (address.city, address.street) == ("Lyon", "1 Example Street, Back yard")
    assert address.phone == "0600000000", "the mobile one, if there are two"


def test_a_customer_may_have_no_address(scene: Scene) -> None:
    customer = scene.rows.customer()
    scene.rows.change("address", {"id_customer": customer}, deleted=1)
    assert scene.customer(customer).address is None


def test_an_address_whose_country_and_state_are_gone_keeps_the_rest(scene: Scene) -> None:
    """[47]"""
    customer = scene.rows.customer()
    scene.rows.change("address", {"id_customer": customer}, id_country=999, id_state=999)
    address = scene.customer(customer).address
    assert address
    assert (address.city, address.country, address.country_code, address.state) == ("Paris", "", "", "")


def test_one_address_is_read_of_each_customer_of_a_page(scene: Scene) -> None:
    customers = [scene.rows.customer(firstname=f"Anna {number}") for number in range(3)]
    scene.rows.address(customers[1], city="Lyon")
    with scene.shop.snapshot() as snapshot:
        found = snapshot.load("customer", [*customers, 999_999])
    assert {key: facts.address.city for key, facts in found.items()} == dict(
        zip(customers, ("Paris", "Lyon", "Paris"), strict=True)
    )


def test_customers_with_one_email_are_several(scene: Scene) -> None:
    """[33] A guest becomes a new customer with each order."""
    first, second = scene.rows.customer(is_guest=1), scene.rows.customer(is_guest=1)
    with scene.shop.snapshot() as snapshot:
        found = snapshot.load("customer", [first, second])
    assert [found[key].email for key in (first, second)] == ["anna@example.com"] * 2


@pytest.mark.parametrize(
    ("request_type", "reason"),
    [(1, None), (2, None), (3, None), (4, "erased")],
    ids=["consent", "export as PDF", "export as CSV", "erasure"],
)
def test_only_an_erasure_silences_a_customer(scene: Scene, request_type: int, reason: str | None) -> None:
    """[34] psgdpr logs four kinds of request."""
    customer = scene.rows.customer()
    scene.rows.add(
        "psgdpr_log", id_customer=customer, request_type=request_type, id_module=1, date_add=NOON, date_upd=NOON
    )
    assert exclusion(scene.customer(customer), POLICY) == reason


def test_a_customer_marked_as_deleted_is_silenced(scene: Scene) -> None:
    """[34] The soft way; after the hard one the row is gone."""
    assert exclusion(scene.customer(scene.rows.customer(deleted=1)), POLICY) == "deleted"


def test_a_customer_whose_row_is_gone_is_missing(scene: Scene) -> None:
    """[34]"""
    customer = scene.rows.customer()
    scene.rows.run("DELETE FROM PREFIX_customer WHERE id_customer = %s", customer)
    with scene.shop.snapshot() as snapshot:
        assert snapshot.load("customer", [customer]) == {}


def test_the_operators_own_id_comes_from_any_table(altered_scene: Scene) -> None:
    """By a column that joins to the customer; a customer without one has none."""
    rows = altered_scene.rows
    anna, bert = rows.customer(), rows.customer()
    rows.run("CREATE TABLE crm (customer INT PRIMARY KEY, code VARCHAR(20)) DEFAULT CHARSET utf8mb4")
    rows.run("CREATE TABLE PREFIX_crm LIKE crm")
    rows.run("INSERT INTO PREFIX_crm VALUES (%s, 'C-17')", anna)
    field = CustomField("crm", "code", "customer")
    edge = open_shop(altered_scene.server, altered_scene.database, custom=field)
    with edge.snapshot() as snapshot:
        found = snapshot.load("customer", [anna, bert])
    assert {key: facts.custom_id for key, facts in found.items()} == {anna: "C-17", bert: ""}


def test_an_own_id_that_cannot_be_read_is_named(scene: Scene) -> None:
    customer = scene.rows.customer()
    edge = open_shop(scene.server, scene.database, custom=CustomField("crm", "code", "customer"))
    with edge.snapshot() as snapshot, pytest.raises(ShopStatementError, match=r"user_id\.custom \(crm\.code\)"):
        snapshot.load("customer", [customer])


# ---------------------------------------------------------------- the ledger: all that a customer bought


def test_the_ledger_holds_every_order_of_the_customer_in_the_default_currency(scene: Scene) -> None:
    """[25] A slip has a rate of its own, that of its day: the order's holds, so that both are in the same money."""
    rows = scene.rows
    customer = rows.customer()
    first = rows.order(customer, states=(1, 2), conversion_rate="1.200000")
    second = rows.order(customer, states=(1,))
    slip = rows.slip(first, conversion_rate="1.500000", date_add=NOON + timedelta(days=1))
    ledger = scene.order(second).ledger
    assert ledger is not None
    assert [(entry.order_id, entry.is_valid, entry.state_id, entry.net) for entry in ledger] == [
        (first, True, 2, Decimal(25)),
        (second, False, 1, Decimal(30)),
    ]
    assert ledger[0].refunds == ((slip, NOON_UTC + timedelta(days=1), Decimal(10)),)
    assert [row.state_id for row in ledger[0].history] == [1, 2]


def test_a_rate_of_zero_is_one(scene: Scene) -> None:
    """[25] Imports write it; a division by zero must not stop a page."""
    order = scene.rows.order(scene.rows.customer(), conversion_rate=0)
    ledger = scene.order(order).ledger
    assert ledger is not None
    assert ledger[0].net == Decimal(30)


def test_a_customer_with_too_many_orders_has_no_ledger(own_scene: Scene) -> None:
    rows = own_scene.rows
    customer, other = rows.customer(), rows.customer()
    order, of_other = rows.order(customer), rows.order(other)
    rows.run(
        "INSERT INTO PREFIX_orders (reference, id_customer, id_currency, conversion_rate, date_add, date_upd) "
        f"SELECT 'MANY', {customer}, 1, 1, NOW(), NOW() FROM seq_1_to_{LARGEST_LEDGER - 1}"
    )
    ledger = own_scene.order(order).ledger
    assert ledger is not None
    assert len(ledger) == LARGEST_LEDGER
    rows.order(customer)
    with own_scene.shop.snapshot() as snapshot:
        found = snapshot.load("order", [order, of_other])
    assert found[order].ledger is None
    assert len(found[of_other].ledger) == 1, "nobody else suffers"


def test_an_order_without_a_customer_has_an_empty_ledger(scene: Scene) -> None:
    facts = scene.order(scene.rows.order(0))
    assert (facts.customer, facts.ledger) == (None, ())


def test_each_category_of_consent_follows_one_answer(scene: Scene) -> None:
    rows = scene.rows
    customer, other = rows.customer(newsletter=1), rows.customer(optin=1)
    rows.add("psgdpr_log", id_customer=customer, request_type=1, id_module=3, date_add=NOON, date_upd=NOON)
    rows.add("psgdpr_log", id_customer=other, request_type=2, id_module=3, date_add=NOON, date_upd=NOON)
    named = {"Marketing": "newsletter", "Advertising": "partner_offers", "Functional": "privacy"}
    shop = open_shop(scene.server, scene.database, consent=named)
    with shop.snapshot() as snapshot:
        found = snapshot.load("customer", [customer, other])
    assert found[customer].consents == {"Marketing": True, "Advertising": False, "Functional": True}
    assert found[other].consents == {"Marketing": False, "Advertising": True, "Functional": False}
    assert scene.customer(customer).consents == {}, "nobody asked"
