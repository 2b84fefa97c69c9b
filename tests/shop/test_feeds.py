"""What the feeds and the sweep see of a shop.

Traps: [2] and [3] refunds touch no date, [6] many rows in a second, [12] states without history, [13] saves without
change, [22] payments of split orders, [29] carts shop by shop, [34] erasures, [49] collations.
"""

from datetime import timedelta

import pytest

from poller.core.feeds import Feed
from poller.streams.registry import feeds
from tests.shop.conftest import Scene
from tests.shop.rows import NOON

FEEDS = {feed.name: feed for feed in feeds()}
FAR = 2**62


def touched(scene: Scene, feed: str, *, after: int = 0, until: int = FAR, limit: int = 500) -> list[tuple[int, int]]:
    with scene.shop.snapshot() as snapshot:
        found = snapshot.changes(FEEDS[feed], after=after, until=until, limit=limit)
        return [(change.mark_id, change.key_id) for change in found]


def newest(scene: Scene, feed: Feed) -> int:
    with scene.shop.snapshot() as snapshot:
        return snapshot.newest(feed)


def test_each_feed_follows_its_table(own_scene: Scene) -> None:
    rows = own_scene.rows
    customer = rows.customer()
    cart = rows.cart(id_customer=customer)
    order = rows.order(customer, states=(), id_cart=cart)
    history = rows.state(order, 2)
    slip = rows.slip(order)
    payment = rows.payment(order)
    session = rows.add("customer_session", id_customer=customer, token="", date_add=NOON, date_upd=NOON)
    visitor = rows.add("emailsubscription", email="a@example.com", newsletter_date_add=NOON, active=1)
    mail = rows.add("mail", recipient="a@example.com", template="order_conf", subject="", id_lang=1, date_add=NOON)
    message = rows.add("customer_message", id_customer_thread=1, message="", date_add=NOON, date_upd=NOON)
    search = rows.add("statssearch", keywords="mug", results=3, date_add=NOON)
    (address,) = rows.all("SELECT id_address FROM PREFIX_address")[0]
    expected = {
        "customer": [(customer, customer)],
        "address": [(address, customer)],
        "psgdpr_log": [],
        "customer_session": [(session, session)],
        "emailsubscription": [(visitor, visitor)],
        "mail": [(mail, mail)],
        "customer_message": [(message, message)],
        "statssearch": [(search, search)],
        "cart": [(cart, cart)],
        "ordered_carts": [(order, cart)],
        "wishlist_product": [],
        "connections": [],
        "connections_source": [],
        "blockwishlist_statistics": [],
        "orders": [(order, order)],
        "order_history": [(history, order)],
        "order_slip": [(slip, order)],
        "order_payment": [(payment, order)],
    }
    assert {name: touched(own_scene, name) for name in FEEDS if FEEDS[name].kind == "tail"} == expected
    followed = {name for name, found in expected.items() if found}
    assert {name: newest(own_scene, FEEDS[name]) for name in followed} == {
        name: found[-1][0] for name, found in expected.items() if found
    }


def test_a_feed_is_read_between_two_ids_and_no_further_than_a_page(own_scene: Scene) -> None:
    customers = [own_scene.rows.customer() for _ in range(5)]
    keys = [key for key, _ in touched(own_scene, "customer", after=customers[0], until=customers[3])]
    assert keys == customers[1:4]
    assert [key for key, _ in touched(own_scene, "customer", limit=2)] == customers[:2]


def test_an_empty_table_has_no_newest_row(own_scene: Scene) -> None:
    assert newest(own_scene, FEEDS["orders"]) == 0
    assert touched(own_scene, "orders") == []


def test_consents_and_erasures_touch_a_customer(own_scene: Scene) -> None:
    """[34] Each row moves the mark, but exports touch nobody; an erasure by e-mail names nobody either."""
    rows = own_scene.rows
    for request, customer in ((1, 6), (2, 7), (3, 7), (4, 7), (4, None)):
        rows.add("psgdpr_log", request_type=request, id_customer=customer, id_module=1, date_add=NOON, date_upd=NOON)
    assert [key for _, key in touched(own_scene, "psgdpr_log")] == [6, 0, 0, 7, 0]


def test_a_payment_touches_the_order_it_was_booked_on(own_scene: Scene) -> None:
    """[22] Split orders share a reference, but not an invoice; a payment without invoice touches nobody."""
    rows = own_scene.rows
    customer = rows.customer()
    rows.order(customer, reference="SPLITTED")
    second = rows.order(customer, reference="SPLITTED")
    rows.payment(second)
    rows.add("order_payment", order_reference="SPLITTED", id_currency=1, amount=60, date_add=NOON)
    assert [key for _, key in touched(own_scene, "order_payment")] == [second, 0]


def test_the_payments_of_an_upgraded_shop_with_two_collations_are_read(altered_scene: Scene) -> None:
    """[49] Upgrades convert some tables and not others: a join by reference would be refused."""
    rows = altered_scene.rows
    rows.run("ALTER TABLE PREFIX_orders CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    rows.run("ALTER TABLE PREFIX_order_payment CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
    order = rows.order(rows.customer())
    rows.payment(order)
    assert [key for _, key in touched(altered_scene, "order_payment")] == [order]


# ---------------------------------------------------------------- carts by their dates


def test_carts_are_followed_by_date_shop_by_shop(own_scene: Scene) -> None:
    """[6], [29] Many carts have one second: within it the id goes on, so a page may end in the middle of it."""
    rows = own_scene.rows
    rows.add("shop", id_shop=2, id_shop_group=1, name="Outlet", active=1)
    same = [rows.cart() for _ in range(4)]
    later = rows.cart(date_upd=NOON + timedelta(minutes=1))
    elsewhere = rows.cart(id_shop=2)
    with own_scene.again().shop.snapshot() as snapshot:
        feed = FEEDS["cart_touched"]
        assert list(snapshot.shop_ids()) == [1, 2]
        stamp = str(NOON)
        seen: list[int] = []
        after = 0
        while page := snapshot.touched_since(feed, shop_id=1, since=stamp, after=after, limit=2):
            seen += [key for _, key in page]
            stamp, after = page[-1]
        assert seen == [*same, later]
        assert stamp == str(NOON + timedelta(minutes=1))
        of_second = snapshot.touched_since(feed, shop_id=2, since=str(NOON), after=0, limit=9)
        assert [key for _, key in of_second] == [elsewhere]


def test_a_cart_that_is_saved_again_comes_again(own_scene: Scene) -> None:
    rows = own_scene.rows
    cart = rows.cart()
    rows.cart(date_upd=NOON + timedelta(minutes=1))
    rows.change("cart", {"id_cart": cart}, date_upd=NOON + timedelta(minutes=2))
    with own_scene.shop.snapshot() as snapshot:
        since = str(NOON + timedelta(minutes=1))
        found = snapshot.touched_since(FEEDS["cart_touched"], shop_id=1, since=since, after=cart + 1, limit=9)
    assert found == [(str(NOON + timedelta(minutes=2)), cart)]


def test_moments_are_written_as_the_shop_writes_them(scene: Scene) -> None:
    """[4] A mark in UTC would be two hours off in summer."""
    with scene.shop.snapshot() as snapshot:
        facts = snapshot.load("cart", [scene.rows.cart()])
        assert facts == {}, "this view is older than the cart"
    cart = scene.cart(scene.rows.cart())
    assert cart.added_at
    with scene.shop.snapshot() as snapshot:
        assert snapshot.local_text(cart.added_at) == str(NOON)


# ---------------------------------------------------------------- the sweep's digests


@pytest.mark.parametrize(
    "silently",
    [
        pytest.param("UPDATE PREFIX_orders SET current_state = 6", id="[12] a state"),
        pytest.param("UPDATE PREFIX_orders SET valid = 1 - valid", id="[12] the flag"),
        pytest.param("UPDATE PREFIX_orders SET total_paid_tax_incl = 1", id="[2] the total"),
        pytest.param("UPDATE PREFIX_orders SET id_customer = 987", id="[34] whose it is"),
        pytest.param("UPDATE PREFIX_order_detail SET product_quantity_refunded = 1", id="[3] a refund of before 1.7.7"),
        pytest.param("UPDATE PREFIX_order_detail SET product_quantity_return = 1", id="[3] a return"),
        pytest.param("UPDATE PREFIX_order_detail SET total_refunded_tax_incl = 12", id="[3] a refund"),
        pytest.param("UPDATE PREFIX_order_detail SET product_quantity = 1", id="[2] a quantity"),
        pytest.param("DELETE FROM PREFIX_order_detail", id="[37] a line less"),
    ],
)
def test_what_changes_in_an_order_without_a_date_changes_its_digest(scene: Scene, silently: str) -> None:
    """[2], [3], [12] None of these moves `date_upd`."""
    order = scene.rows.order(scene.rows.customer())
    before = scene.digest("order", order)
    scene.rows.run(f"{silently} WHERE id_order = %s", order)
    assert scene.digest("order", order) != before


@pytest.mark.parametrize(
    "silently",
    [
        pytest.param("UPDATE PREFIX_customer SET newsletter = 1", id="[35] the newsletter box"),
        pytest.param("UPDATE PREFIX_customer SET email = 'new@example.com'", id="the e-mail"),
        pytest.param("UPDATE PREFIX_customer SET deleted = 1", id="[34] a deletion"),
        pytest.param("UPDATE PREFIX_address SET city = 'Lyon'", id="[35] an address that was edited"),
        pytest.param("UPDATE PREFIX_address SET deleted = 1", id="[35] an address that was removed"),
    ],
)
def test_what_changes_in_a_customer_without_a_date_changes_its_digest(scene: Scene, silently: str) -> None:
    """[35]"""
    customer = scene.rows.customer()
    before = scene.digest("customer", customer)
    scene.rows.run(f"{silently} WHERE id_customer = %s", customer)
    assert scene.digest("customer", customer) != before


def test_a_save_that_changes_nothing_leaves_the_digest(scene: Scene) -> None:
    """[13] PrestaShop saves whole rows: a new date is not a change."""
    customer = scene.rows.customer()
    order = scene.rows.order(customer)
    before = scene.digest("order", order), scene.digest("customer", customer)
    later = NOON + timedelta(days=1)
    scene.rows.change("orders", {"id_order": order}, date_upd=later, invoice_number=7)
    scene.rows.change("customer", {"id_customer": customer}, date_upd=later, ip_registration_newsletter="192.0.2.1")
    assert (scene.digest("order", order), scene.digest("customer", customer)) == before


def test_digests_are_eight_bytes_each_and_nothing_for_what_is_gone(scene: Scene) -> None:
    first, second = (scene.rows.order(scene.rows.customer()) for _ in range(2))
    with scene.shop.snapshot() as snapshot:
        found = snapshot.digests("order", [first, second, 999_999])
    assert [len(found[key]) for key in (first, second, 999_999)] == [8, 8, 0]
    assert found[first] != found[second]


def test_the_newest_key_is_the_highest(own_scene: Scene) -> None:
    customers = [own_scene.rows.customer() for _ in range(3)]
    with own_scene.shop.snapshot() as snapshot:
        assert snapshot.blocks.newest_key("customer") == customers[2]
        assert snapshot.blocks.newest_key("order") == 0
