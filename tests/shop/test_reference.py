"""What orders refer to. Traps: [16] states by role, [38] columns by version, [46] house accounts, [47] rows gone."""

import pytest

from poller.errors import ConfigurationError
from poller.shop.reference import Reference
from poller.streams.shops import Currency, ShopInfo
from tests.shop.conftest import Scene
from tests.shop.opening import open_shop
from tests.shop.rows import NOON


def reference(scene: Scene) -> Reference:
    return scene.again().shop.reference()


def shop(scene: Scene, shop_id: int = 1) -> ShopInfo:
    return reference(scene).shops[shop_id]


def set_for(scene: Scene, name: str, value: object, *, shop: int | None = None, group: int | None = None) -> None:
    scene.rows.add(
        "configuration", name=name, value=str(value), id_shop=shop, id_shop_group=group, date_add=NOON, date_upd=NOON
    )


def second_shop(scene: Scene, *, group: int = 1) -> None:
    scene.rows.add("shop", id_shop=2, id_shop_group=group, name="Outlet", active=1)


def test_the_shop_as_it_is_furnished(scene: Scene) -> None:
    found = shop(scene)
    assert (found.name, found.url, found.default_currency) == (
        "Example",
        "https://shop.example.com/",
        Currency("EUR", 2),
    )
    assert (found.canceled, found.refunded, found.error) == ({6}, {7}, {8})
    assert found.state_name(1) == "Awaiting check payment"


def test_a_setting_of_the_shop_holds_before_its_groups_and_that_before_all(own_scene: Scene) -> None:
    """As Configuration::get looks them up; 1 is for all, 2 for the group, 3 for the shop."""
    rows = own_scene.rows
    for key, iso in ((2, "USD"), (3, "GBP")):
        rows.add("currency", id_currency=key, iso_code=iso, precision=2)
    second_shop(own_scene, group=1)
    rows.add("shop", id_shop=3, id_shop_group=2, name="Abroad", active=1)
    set_for(own_scene, "PS_CURRENCY_DEFAULT", 3, shop=2)
    set_for(own_scene, "PS_CURRENCY_DEFAULT", 2, group=1)
    found = {key: info.default_currency.iso for key, info in reference(own_scene).shops.items()}
    assert found == {1: "USD", 2: "GBP", 3: "EUR"}


def test_customers_are_shared_within_a_group_that_says_so_and_one_currency(own_scene: Scene) -> None:
    rows = own_scene.rows
    second_shop(own_scene)
    assert {key: info.counted.only for key, info in reference(own_scene).shops.items()} == {1: {1}, 2: {2}}
    rows.run("UPDATE PREFIX_shop_group SET share_customer = 1 WHERE id_shop_group = 1")
    rows.add("shop_group", id_shop_group=2, name="Abroad", share_customer=1)
    rows.add("shop", id_shop=3, id_shop_group=2, name="Abroad")
    rows.add("currency", id_currency=2, iso_code="USD", precision=2)
    rows.add("shop", id_shop=4, id_shop_group=1, name="Dollars")
    set_for(own_scene, "PS_CURRENCY_DEFAULT", 2, shop=4)
    found = {key: info.counted.only for key, info in reference(own_scene).shops.items()}
    assert found == {1: {1, 2}, 2: {1, 2}, 3: {3}, 4: {4}}


def test_states_are_known_by_their_role_shop_by_shop(own_scene: Scene) -> None:
    """[16] The numbers differ between versions and between shops."""
    second_shop(own_scene)
    set_for(own_scene, "PS_OS_CANCELED", 36, shop=2)
    shops = reference(own_scene).shops
    assert (shops[1].canceled, shops[2].canceled) == ({6}, {36})


def test_a_role_without_a_state_has_none(own_scene: Scene) -> None:
    """[16] Neither a missing setting, nor zero, nor a text names a state."""
    own_scene.rows.run("DELETE FROM PREFIX_configuration WHERE name = 'PS_OS_ERROR'")
    own_scene.rows.change("configuration", {"name": "PS_OS_REFUND"}, value="0")
    own_scene.rows.change("configuration", {"name": "PS_OS_CANCELED"}, value="none")
    found = shop(own_scene)
    assert (found.canceled, found.refunded, found.error) == (frozenset(), frozenset(), frozenset())


def test_states_that_merchants_add_and_modules_delete(own_scene: Scene) -> None:
    """[47] A state without a name, a state marked as deleted, and one whose row is gone."""
    rows = own_scene.rows
    rows.add("order_state", id_order_state=41, logable=1, paid=0)
    rows.add("order_state", id_order_state=42, logable=0, paid=1, deleted=1)
    rows.add("order_state_lang", id_order_state=42, id_lang=1, name="Old")
    rows.add("order_state_lang", id_order_state=42, id_lang=2, name="Vieux")
    rows.run("DELETE FROM PREFIX_order_state WHERE id_order_state = 6")
    found = shop(own_scene)
    assert (found.state_name(41), found.states[41].is_logable, found.states[41].is_paid) == ("", True, False)
    assert (found.state_name(42), found.states[42].is_paid) == ("Old", True)
    assert found.state_name(6) is None
    assert found.canceled == {6}, "the role stays, for the orders that were cancelled before"


def test_a_deleted_currency_is_still_known_to_old_orders(own_scene: Scene) -> None:
    """[47] `deleted` hides it in the shop only; a row that is gone leaves no currency."""
    own_scene.rows.add("currency", id_currency=2, iso_code="frf", precision=2, deleted=1)
    found = reference(own_scene)
    assert found.currency(2) == Currency("FRF", 2)
    assert found.currency(99) is None


@pytest.mark.parametrize(("iso", "precision"), [("JPY", 0), ("KWD", 3), ("EUR", 2)])
def test_a_currency_has_its_own_digits(own_scene: Scene, iso: str, precision: int) -> None:
    own_scene.rows.change("currency", {"id_currency": 1}, iso_code=iso, precision=precision)
    assert shop(own_scene).default_currency == Currency(iso, precision)


@pytest.mark.parametrize(("decimals", "digits"), [(1, 2), (0, 0)])
def test_a_currency_of_1_6_only_knows_whether_it_has_decimals(altered_scene: Scene, decimals: int, digits: int) -> None:
    """[38] `precision` came with 1.7.6; before there was `decimals`."""
    altered_scene.rows.run("ALTER TABLE PREFIX_currency DROP COLUMN `precision`, ADD COLUMN decimals TINYINT NOT NULL")
    altered_scene.rows.run("UPDATE PREFIX_currency SET decimals = %s", decimals)
    assert shop(altered_scene).default_currency == Currency("EUR", digits)


def test_a_currency_between_1_7_0_and_1_7_6_has_cents(altered_scene: Scene) -> None:
    """[38] `decimals` was gone, `precision` not there yet."""
    altered_scene.rows.run("ALTER TABLE PREFIX_currency DROP COLUMN `precision`")
    assert shop(altered_scene).default_currency == Currency("EUR", 2)


@pytest.mark.parametrize(
    ("secure", "columns", "url"),
    [
        (1, {"domain_ssl": "s.example.com"}, "https://s.example.com/"),
        (0, {"domain": "plain.example.com"}, "http://plain.example.com/"),
        (1, {"physical_uri": "/sub/", "virtual_uri": "fr/"}, "https://shop.example.com/sub/fr/"),
        (1, {"active": 0}, ""),
        (1, {"main": 0}, ""),
    ],
)
def test_the_shops_address(own_scene: Scene, secure: int, columns: dict[str, object], url: str) -> None:
    own_scene.rows.change("configuration", {"name": "PS_SSL_ENABLED"}, value=str(secure))
    own_scene.rows.change("shop_url", {"id_shop": 1}, **columns)
    assert shop(own_scene).url == url


def test_rows_of_a_deleted_shop_are_told_in_the_name_of_the_first(scene: Scene) -> None:
    order = scene.order(scene.rows.order(scene.rows.customer(), id_shop=77))
    assert order.shop.shop_id == 1


def test_each_order_is_told_in_the_name_of_its_own_shop(own_scene: Scene) -> None:
    rows = own_scene.rows
    second_shop(own_scene)
    rows.add("product_lang", id_product=1, id_shop=2, id_lang=1, name="Mug, second choice")
    customer = rows.customer(id_shop=1)
    first, second = rows.order(customer), rows.order(customer, id_shop=2)
    again = own_scene.again()
    assert [again.order(key).shop.name for key in (first, second)] == ["Example", "Outlet"]
    assert [again.order(key).lines[0].name for key in (first, second)] == ["Mug", "Mug, second choice"]


def test_the_anonymous_customer_of_psgdpr_is_a_house_account(own_scene: Scene) -> None:
    """[46]"""
    rows = own_scene.rows
    anonymous, anna = rows.customer(email="anonymous@example.com"), rows.customer()
    set_for(own_scene, "PSGDPR_ANONYMOUS_CUSTOMER", anonymous)
    again = own_scene.again()
    assert again.customer(anonymous).is_house_account
    assert not again.customer(anna).is_house_account


def test_the_time_zone_of_all_shops_is_taken_not_that_of_one(own_scene: Scene) -> None:
    second_shop(own_scene)
    set_for(own_scene, "PS_TIMEZONE", "Asia/Tokyo", shop=2)
    assert reference(own_scene).time.zone.key == "Europe/Paris"


def test_the_operators_time_zone_comes_first(own_scene: Scene) -> None:
    edge = open_shop(own_scene.server, own_scene.database, timezone="America/New_York")
    assert edge.reference().time.zone.key == "America/New_York"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd"])
def test_an_unknown_time_zone_is_for_the_operator(own_scene: Scene, name: str) -> None:
    own_scene.rows.change("configuration", {"name": "PS_TIMEZONE"}, value=name)
    with pytest.raises(ConfigurationError, match="time zone") as raised:
        reference(own_scene)
    assert "shop.timezone" in raised.value.hint


def test_an_installation_without_shops_is_for_the_operator(own_scene: Scene) -> None:
    own_scene.rows.run("DELETE FROM PREFIX_shop")
    with pytest.raises(ConfigurationError, match="names no shop"):
        reference(own_scene)


def test_the_installation_keeps_its_name(own_scene: Scene) -> None:
    """The same from any host and at any time, another for another shop."""
    name = own_scene.shop.identity()
    own_scene.rows.order(own_scene.rows.customer())
    set_for(own_scene, "SOMETHING_NEW", 1)
    assert own_scene.again().shop.identity() == name
    own_scene.rows.change("shop_url", {"id_shop": 1}, domain="other.example.com")
    assert own_scene.again().shop.identity() != name
