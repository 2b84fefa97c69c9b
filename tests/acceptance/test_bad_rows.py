"""Spoilt rows: each is told as well as it can be, and none stops its neighbours."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.acceptance.stage import QUICK, Stage, completed, messages_of

ENORMOUS = Decimal("99999999999999.999999")
ARABIC = "\u202eمتجر \u05d7\u05e0\u05d5\u05ea\u202c"


def zero_dates(stage: Stage, order: int) -> None:
    stage.keeper.run("UPDATE PREFIX_orders SET date_add = 0, date_upd = 0, invoice_date = 0 WHERE id_order = %s", order)


def impossible_dates(stage: Stage, order: int) -> None:
    """Days no calendar has: MySQL lets them in with the mode PrestaShop sets."""
    stage.keeper.run("UPDATE PREFIX_orders SET date_upd = '2026-00-00 00:00:00' WHERE id_order = %s", order)
    stage.keeper.run("UPDATE PREFIX_order_history SET date_add = '2026-00-00' WHERE id_order = %s", order)


def the_first_and_the_last_year(stage: Stage, order: int) -> None:
    """In UTC, either may lie outside of what a program can count."""
    changes = "date_add = '0001-01-01 00:00:00', date_upd = '9999-12-31 23:59:59'"
    stage.keeper.run(f"UPDATE PREFIX_orders SET {changes} WHERE id_order = %s", order)


def null_amounts(stage: Stage, order: int) -> None:
    """Modules and old versions leave them so, where the column lets them."""
    stage.keeper.run("ALTER TABLE PREFIX_order_detail MODIFY original_product_price decimal(20,6) NULL")
    stage.keeper.run("UPDATE PREFIX_order_detail SET original_product_price = NULL WHERE id_order = %s", order)


def negative_amounts(stage: Stage, order: int) -> None:
    stage.keeper.run("UPDATE PREFIX_orders SET total_paid_tax_incl = -12.34 WHERE id_order = %s", order)


def enormous_amounts(stage: Stage, order: int) -> None:
    columns = ("total_paid_tax_incl", "total_products", "total_products_wt", "total_discounts_tax_incl")
    changes = ", ".join(f"{column} = {ENORMOUS}" for column in columns)
    stage.keeper.run(f"UPDATE PREFIX_orders SET {changes}, conversion_rate = 0.000001 WHERE id_order = %s", order)


def no_rate(stage: Stage, order: int) -> None:
    stage.keeper.run("UPDATE PREFIX_orders SET conversion_rate = 0 WHERE id_order = %s", order)


def a_deleted_currency(stage: Stage, order: int) -> None:
    stage.keeper.run("UPDATE PREFIX_orders SET id_currency = 99 WHERE id_order = %s", order)


def a_deleted_product(stage: Stage, order: int) -> None:
    changes = "product_id = 4242, product_attribute_id = 4243"
    stage.keeper.run(f"UPDATE PREFIX_order_detail SET {changes} WHERE id_order = %s", order)


def a_deleted_carrier(stage: Stage, order: int) -> None:
    stage.keeper.run("UPDATE PREFIX_order_carrier SET id_carrier = 99 WHERE id_order = %s", order)


def a_deleted_state(stage: Stage, order: int) -> None:
    for table, column in (("orders", "current_state"), ("order_history", "id_order_state")):
        stage.keeper.run(f"UPDATE PREFIX_{table} SET {column} = 99 WHERE id_order = %s", order)


def a_deleted_shop(stage: Stage, order: int) -> None:
    stage.keeper.run("UPDATE PREFIX_orders SET id_shop = 99 WHERE id_order = %s", order)


def no_lines(stage: Stage, order: int) -> None:
    stage.keeper.run("DELETE FROM PREFIX_order_detail WHERE id_order = %s", order)


def no_cart(stage: Stage, order: int) -> None:
    stage.keeper.run("UPDATE PREFIX_orders SET id_cart = 0, reference = NULL, payment = '' WHERE id_order = %s", order)


def damaged_text(stage: Stage, order: int) -> None:
    """Bytes of another encoding in a column that says it is UTF-8: an import over the wrong connection."""
    stage.keeper.run("ALTER TABLE PREFIX_order_detail MODIFY product_name mediumblob NOT NULL")
    stage.keeper.run("UPDATE PREFIX_order_detail SET product_name = X'436166E920FF' WHERE id_order = %s", order)


def emoji_and_right_to_left(stage: Stage, order: int) -> None:
    names = f"☕️👩‍👩‍👧‍👦 {ARABIC} \u0000\u2028<b>&amp;"
    stage.keeper.run("UPDATE PREFIX_order_detail SET product_name = %s WHERE id_order = %s", names, order)


def many_lines(stage: Stage, order: int) -> None:
    """Five hundred of them, each with a long name."""
    stage.keeper.run("DELETE FROM PREFIX_order_detail WHERE id_order = %s", order)
    stage.keeper.line_rows(order, [Decimal("1.00")] * 500, product_name="Tasse à café " * 20)
    stage.keeper.run(
        "UPDATE PREFIX_orders SET total_products = 500, total_products_wt = 600, total_paid_tax_incl = 606 "
        "WHERE id_order = %s",
        order,
    )


SPOILT: dict[Callable[[Stage, int], None], dict[str, Any]] = {
    zero_dates: {"total": 66.0},
    impossible_dates: {"total": 66.0},
    the_first_and_the_last_year: {"total": 66.0},
    null_amounts: {"total": 66.0},
    negative_amounts: {"total": -12.34, "unsettled": True},
    enormous_amounts: {"currency": "EUR"},
    no_rate: {"shop_currency_total": 66.0},
    a_deleted_currency: {"total": 66.0, "currency": None},
    a_deleted_product: {"total": 66.0},
    a_deleted_carrier: {"shipping_method": None},
    a_deleted_state: {"order_status": None},
    a_deleted_shop: {"affiliation": "Maison Demo"},
    no_lines: {"total": 66.0, "unsettled": True, "products": None},
    no_cart: {"cart_id": None, "reference": None},
    damaged_text: {"total": 66.0},
    emoji_and_right_to_left: {"total": 66.0},
    many_lines: {"total": 606.0, "products_truncated": True, "products_count": 500},
}


def test_spoilt_rows_are_told_as_well_as_they_can_be_beside_healthy_ones(stage: Stage) -> None:
    stage.configure(settle="0s")
    keeper = stage.keeper
    # Products of their own names: what the catalogue calls them comes first.
    keeper.run("DELETE FROM PREFIX_product_lang WHERE id_product = 1")
    spoilt = {}
    healthy = []
    for number, spoil in enumerate(SPOILT):
        order = spoilt[spoil] = keeper.order(keeper.customer(f"Shopper{number}"))
        spoil(stage, order)
        healthy.append(keeper.order(keeper.customer(f"Neighbour{number}")))
    report = stage.catch_up()
    assert stage.told() == completed(*spoilt.values(), *healthy)
    assert report["dead_letters"] == 0
    assert stage.is_clean()
    found = {spoil: messages_of(stage.receiver, order)[0]["properties"] for spoil, order in spoilt.items()}
    for spoil, expected in SPOILT.items():
        assert {name: found[spoil].get(name) for name in expected} == expected, spoil.__name__
        parts = [found[spoil][name] for name in ("subtotal", "shipping", "tax")]
        assert sum(parts) == pytest.approx(found[spoil]["total"]), spoil.__name__
    assert found[damaged_text]["products"][0]["name"] == "Caf\ufffd \ufffd"
    assert found[emoji_and_right_to_left]["products"][0]["name"].startswith(f"☕️👩‍👩‍👧‍👦 {ARABIC}")
    assert 0 < len(found[many_lines]["products"]) < 500
    assert found[enormous_amounts]["total"] == float(ENORMOUS.quantize(Decimal("0.01")))
    assert all("unsettled" not in messages_of(stage.receiver, order)[0]["properties"] for order in healthy)


def test_a_person_that_is_spoilt_is_told_as_far_as_it_goes(stage: Stage) -> None:
    keeper = stage.keeper
    bare = keeper.customer("", lastname="", email="", id_shop=99, birthday="0000-00-00")
    name = "\u202e\U0001f469\u200d\U0001f52c"
    strange = keeper.customer(name, company=ARABIC, birthday="0001-01-01", id_gender=9, date_upd="0001-01-01")
    keeper.address(strange, id_country=999, id_state=999, city="\U0001f3d9", phone="")
    nobody = keeper.order(0)
    ghost = keeper.order(4_000_000)
    healthy = keeper.order(keeper.customer("Grace"))
    stage.configure(**QUICK)
    with stage.daemon() as daemon:
        daemon.wait_for(lambda: stage.told() == completed(nobody, healthy))
        daemon.wait_for(lambda: 4_000_000 in stage.standing().suppressed)
        assert daemon.stop() == 0
    assert ("Order Completed", ghost) not in stage.told(), "a customer who is gone is not spoken of"
    people = {m.get("userId"): m["traits"] for m in stage.receiver.distinct().values() if m["type"] == "identify"}
    assert "email" not in people[str(bare)]
    assert people[str(strange)]["firstName"] == name
    assert people[str(strange)]["address"]["city"] == "\U0001f3d9"
    (anonymous,) = messages_of(stage.receiver, nobody)
    assert anonymous["anonymousId"]
    assert anonymous.get("userId") is None
    assert stage.is_clean()
