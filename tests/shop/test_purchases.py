"""Orders as the edge loads them, whole, whatever was deleted around them (see also tests/sql/test_versions.py).

Traps: [7] half-written orders, [20] vouchers, [22] split orders, [23] duplicates, [24] total_paid_real, [34] deleted
customers, [37] deleted lines, [47] rows gone, [48] private texts, [50] states of one second.
"""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.shop.conftest import Scene
from tests.shop.rows import NOON


def rows_examined(scene: Scene) -> int:
    """Rows and index entries the server looked at so far, over all connections."""
    return sum(int(value) for _, value in scene.rows.all("SHOW GLOBAL STATUS LIKE 'Handler_read%'"))


def test_an_order_still_being_written_is_loaded_as_far_as_it_is(scene: Scene) -> None:
    """[7], [8] The row comes first, at state 0; lines and history follow in statements of their own."""
    order = scene.rows.order(scene.rows.customer(), states=())
    scene.rows.run("DELETE FROM PREFIX_order_detail WHERE id_order = %s", order)
    facts = scene.order(order)
    assert (facts.state_id, facts.lines, facts.history, facts.slips, facts.vouchers) == (0, (), (), (), ())


def test_an_order_keeps_what_its_deleted_product_left(scene: Scene) -> None:
    """[47] The line keeps name and price of what was bought; there is no page to link to any more."""
    rows = scene.rows
    order = rows.order(rows.customer())
    rows.change("order_detail", {"id_order": order}, product_id=987, product_attribute_id=987)
    (line,) = scene.order(order).lines
    assert (line.name, line.variant, line.brand, line.category) == ("Mug - Size: Large", "", "", "")
    assert (line.url, line.image_url, line.tags) == ("", "", ())
    assert (line.sku, line.unit_tax_incl) == ("MUG", Decimal(12))


def test_a_line_knows_its_product(scene: Scene) -> None:
    (line,) = scene.order(scene.rows.order(scene.rows.customer())).lines
    assert (line.name, line.variant, line.brand, line.category) == ("Mug", "Large", "Brand", "Mugs")
    assert line.url == "https://shop.example.com/index.php?controller=product&id_product=1"
    assert line.image_url == "https://shop.example.com/img/p/2/4/24-large_default.jpg"
    assert line.tags == ("blue",)


def test_what_the_customer_had_written_on_the_product(scene: Scene) -> None:
    """Texts only: a file has a name that says nothing. A field without a name has its number."""
    rows = scene.rows
    rows.add("customization_field_lang", id_customization_field=1, id_lang=1, id_shop=1, name="Engraving")
    rows.add("customization_field_lang", id_customization_field=1, id_lang=1, id_shop=2, name="Engraving")
    for index, kind, value in ((1, 1, "For Anna"), (2, 1, "In gold"), (3, 0, "a1b2c3")):
        rows.add("customized_data", id_customization=5, type=kind, index=index, value=value)
    order = rows.order(rows.customer())
    rows.change("order_detail", {"id_order": order}, id_customization=5)
    assert scene.order(order).lines[0].customizations == (("Engraving", "For Anna"), ("field 2", "In gold"))


def test_a_deleted_carrier_has_no_name(scene: Scene) -> None:
    """[47] And of two carriers, the newest is meant."""
    order = scene.rows.order(scene.rows.customer())
    assert scene.order(order).carrier == "By bicycle"
    scene.rows.add("order_carrier", id_order=order, id_carrier=987, date_add=NOON)
    assert scene.order(order).carrier == ""


def test_a_deleted_customer_leaves_the_number(scene: Scene) -> None:
    """[34] Hard deletion and erasure leave orders that point to nobody."""
    customer = scene.rows.customer()
    order = scene.rows.order(customer)
    scene.rows.run("DELETE FROM PREFIX_customer WHERE id_customer = %s", customer)
    facts = scene.order(order)
    assert (facts.customer, facts.customer_id) == (None, customer)


def test_an_order_in_a_state_that_is_gone(scene: Scene) -> None:
    """[47] A module took its states with it."""
    facts = scene.order(scene.rows.order(scene.rows.customer(), states=(1, 99)))
    assert (facts.state_id, facts.shop.state_name(99)) == (99, None)
    assert [row.state_id for row in facts.history] == [1, 99]


def test_states_of_one_second_keep_their_order(scene: Scene) -> None:
    """[50] A backorder writes two rows at once: the ids tell which came first, the dates cannot."""
    order = scene.rows.order(scene.rows.customer(), states=(2, 9, 2, 1))
    assert [row.state_id for row in scene.order(order).history] == [2, 9, 2, 1]


def test_money_is_what_was_due_not_what_was_booked(scene: Scene) -> None:
    """[24] `total_paid_real` may hold it two or three times over, and `total_paid` differs even in the fixtures."""
    order = scene.order(scene.rows.order(scene.rows.customer(), total_paid_real=90, total_paid=61.80))
    assert order.total_tax_incl == Decimal(30)
    assert (order.products_tax_excl, order.products_tax_incl) == (20, 24)
    assert (order.shipping_tax_excl, order.shipping_tax_incl) == (5, 6)


def test_split_orders_share_nothing_but_their_names(scene: Scene) -> None:
    """[22] One checkout, two orders: the same reference and cart, but each has lines, states and slips of its own."""
    rows = scene.rows
    customer, cart = rows.customer(), rows.cart()
    first = rows.order(customer, reference="SPLITTED", id_cart=cart, states=(2,))
    second = rows.order(customer, reference="SPLITTED", id_cart=cart)
    rows.slip(first)
    with scene.shop.snapshot() as snapshot:
        found = snapshot.load("order", [first, second])
    assert [len(found[key].lines) for key in (first, second)] == [1, 1]
    assert [len(found[key].slips) for key in (first, second)] == [1, 0]
    assert [found[key].history[-1].state_id for key in (first, second)] == [2, 1]


def test_a_cart_may_have_become_several_orders(scene: Scene) -> None:
    """[22], [23] Split, or paid twice by a double click; and an order's cart may be deleted."""
    rows = scene.rows
    customer = rows.customer()
    cart, unused = rows.cart(id_customer=customer), rows.cart()
    orders = tuple(rows.order(customer, id_cart=cart) for _ in range(2))
    facts = scene.cart(cart)
    assert (tuple(order.order_id for order in facts.orders), facts.customer_id) == (orders, customer)
    assert facts.customer
    assert (scene.cart(unused).orders, scene.cart(unused).customer) == ((), None)


def test_private_texts_and_secrets_are_not_even_read(scene: Scene) -> None:
    """[48]"""
    secret = "canary"
    customer = scene.rows.customer(passwd=secret, note=secret, secure_key=secret, reset_password_token=secret)
    order = scene.rows.order(customer, note=secret, secure_key=secret, gift_message=secret)
    assert secret not in repr(scene.order(order))
    assert secret not in repr(scene.customer(customer))


# ---------------------------------------------------------------- discounts and refunds


def test_a_discount_whose_rule_is_gone_has_no_code(scene: Scene) -> None:
    """[37], [47]"""
    rows = scene.rows
    order = rows.order(rows.customer())
    rows.add("order_cart_rule", id_order=order, id_cart_rule=987, name="Gone", value="6.00", value_tax_excl="5.00")
    (voucher,) = scene.order(order).vouchers
    assert (voucher.name, voucher.code, voucher.rule_id) == ("Gone", "", 987)
    assert (voucher.value_tax_excl, voucher.value_tax_incl) == (5, 6)


@pytest.mark.parametrize(
    ("code", "amount", "is_voucher"),
    [
        ("V{rule}C{customer}O{order}", "12.000000", True),
        ("V{rule}C{customer}O{order}", "12.004000", True),
        ("V{rule}C{customer}O{order}", "11.000000", False),
        ("V{rule}C{customer}O{order}1", "12.000000", False),
        ("VALENTINE-CODE", "12.000000", False),
    ],
    ids=["it", "rounded", "another amount", "another order's", "a code of the merchant's"],
)
def test_a_slip_that_was_paid_out_as_a_voucher(scene: Scene, code: str, amount: str, is_voucher: bool) -> None:
    """[20] Such a voucher is no cash; nothing links it to the slip but the order in its code and the amount."""
    rows = scene.rows
    customer = rows.customer()
    order = rows.order(customer, states=(2,))
    rows.slip(order)
    written = code.format(rule=3, customer=customer, order=order)
    rows.add("cart_rule", id_customer=customer, code=written, reduction_amount=amount, date_add=NOON)
    (slip,) = scene.order(order).slips
    assert slip.is_voucher is is_voucher


def test_the_vouchers_of_everybody_are_not_searched_for_those_of_nobody(own_scene: Scene) -> None:
    """An order without customer has id 0, and so has every voucher that is for all: there may be a hundred thousand."""
    rows = own_scene.rows
    rows.run(
        "INSERT INTO PREFIX_cart_rule (id_customer, code, date_add) "
        "SELECT 0, CONCAT('V', seq, 'C0O', seq), NOW() FROM seq_1_to_5000"
    )
    order = rows.order(0, states=(2,))
    rows.slip(order)
    own_scene.order(order)
    before = rows_examined(own_scene)
    assert own_scene.order(order).slips[0].is_voucher is False
    assert rows_examined(own_scene) - before < 1_000


def test_a_slip_is_read_with_its_lines(scene: Scene) -> None:
    rows = scene.rows
    order = rows.order(rows.customer(), states=(2,))
    number = rows.slip(order, total_shipping_tax_excl=5, total_shipping_tax_incl=6, shipping_cost_amount=6)
    facts = scene.order(order)
    (slip,) = facts.slips
    assert (slip.slip_id, slip.total) == (number, Decimal(18))
    (line,) = slip.lines
    assert (line.line_id, line.quantity, line.amount_tax_excl, line.amount_tax_incl) == (
        facts.lines[0].line_id,
        1,
        10,
        12,
    )


def test_a_slip_whose_lines_are_not_written_yet_has_none(scene: Scene) -> None:
    """[7] The header comes a moment before them."""
    order = scene.rows.order(scene.rows.customer(), states=(2,))
    number = scene.rows.slip(order)
    scene.rows.run("DELETE FROM PREFIX_order_slip_detail WHERE id_order_slip = %s", number)
    assert scene.order(order).slips[0].lines == ()


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        pytest.param({}, ("10", "12", "0", "0"), id="as prices are"),
        pytest.param({"order_slip_type": 2, "amount": "6"}, ("5", "6", "0", "0"), id="an amount chosen by hand"),
        pytest.param(
            {"order_slip_type": 2, "amount": "10"}, ("10", "12", "0", "0"), id="amount without tax: not chosen"
        ),
        pytest.param({"order_slip_type": 2, "amount": "10.01"}, ("10", "12", "0", "0"), id="the same, rounded"),
        pytest.param({"order_slip_type": 2, "amount": "12"}, ("10", "12", "0", "0"), id="all of it"),
        pytest.param({"order_slip_type": 2, "amount": "0"}, ("10", "12", "0", "0"), id="no amount"),
        pytest.param(
            {"order_slip_type": 2, "amount": "0", "total_products_tax_excl": 0, "total_products_tax_incl": 0}
            | {"total_shipping_tax_excl": 5, "total_shipping_tax_incl": 6},
            ("0", "0", "5", "6"),
            id="shipping only",
        ),
        pytest.param({"order_slip_type": 0, "amount": "6"}, ("10", "12", "0", "0"), id="not chosen by its type"),
        pytest.param({"order_slip_type": 1, "amount": "6"}, ("10", "12", "0", "0"), id="without the first voucher"),
    ],
)
def test_what_a_slip_gives_back(scene: Scene, columns: dict[str, object], expected: tuple[str, ...]) -> None:
    order = scene.rows.order(scene.rows.customer(), states=(2,))
    scene.rows.slip(order, **columns)
    (slip,) = scene.order(order).slips
    found = (slip.products_tax_excl, slip.products_tax_incl, slip.shipping_tax_excl, slip.shipping_tax_incl)
    assert found == tuple(Decimal(text) for text in expected)


def test_a_slip_of_a_very_old_version_has_only_an_amount(altered_scene: Scene) -> None:
    """Totals came later, and stayed NULL on the slips that were there."""
    rows = altered_scene.rows
    for column in (
        "total_products_tax_excl",
        "total_products_tax_incl",
        "total_shipping_tax_excl",
        "total_shipping_tax_incl",
    ):
        rows.run(f"ALTER TABLE PREFIX_order_slip MODIFY {column} DECIMAL(20, 6) NULL")
    order = rows.order(rows.customer(), states=(2,))
    number = rows.slip(order, shipping_cost_amount=6)
    rows.run(
        "UPDATE PREFIX_order_slip SET total_products_tax_excl = NULL, total_products_tax_incl = NULL, "
        "total_shipping_tax_excl = NULL, total_shipping_tax_incl = NULL WHERE id_order_slip = %s",
        number,
    )
    (slip,) = altered_scene.order(order).slips
    assert (slip.products_tax_excl, slip.products_tax_incl, slip.shipping_tax_incl, slip.total) == (12, 12, 6, 18)


def test_a_page_of_orders_is_read_by_statements_not_by_rows(own_scene: Scene) -> None:
    """Each has what is its own, though all are read at once."""
    rows = own_scene.rows
    orders = []
    for number in range(20):
        customer = rows.customer(firstname=f"Anna {number}")
        orders.append(rows.order(customer, states=(1, 2), at=NOON + timedelta(minutes=number)))
    questions = "SHOW GLOBAL STATUS LIKE 'Com_select'"
    with own_scene.shop.snapshot() as snapshot:
        before = int(rows.all(questions)[0][1])
        found = snapshot.load("order", [*orders, 999_999])
        asked = int(rows.all(questions)[0][1]) - before
    assert list(found) == orders, "what is missing is gone"
    assert [facts.customer.first_name for facts in found.values()] == [f"Anna {number}" for number in range(20)]
    assert all([row.state_id for row in facts.history] == [1, 2] for facts in found.values())
    assert asked < len(orders)
