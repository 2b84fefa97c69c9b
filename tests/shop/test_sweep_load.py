"""When an import rewrites thousands of orders at once: reads, no events, short pages, and live traffic between them."""

import pytest

from tests.shop.conftest import Scene
from tests.shop.sweeping import LONG_AGO, Swept

ORDERS = 20_000
REWRITTEN = 2_000
_PAST = """
INSERT INTO PREFIX_orders (
    reference, id_shop, id_shop_group, id_customer, id_currency, conversion_rate, current_state, valid, payment,
    total_products, total_products_wt, total_paid, total_paid_tax_incl, total_paid_tax_excl, date_add, date_upd
)
SELECT CONCAT('P', n.seq), 1, 1, %s, 1, 1, 2, 1, 'Check', 20, 24, 24, 24, 20, %s, %s FROM seq_1_to_20000 AS n
"""
_LINES = """
INSERT INTO PREFIX_order_detail (
    id_order, id_shop, product_id, product_name, product_quantity, total_price_tax_excl, total_price_tax_incl,
    unit_price_tax_excl, unit_price_tax_incl
)
SELECT o.id_order, 1, 1, 'Mug', 2, 20, 24, 10, 12 FROM PREFIX_orders AS o
"""
_STATES = """
INSERT INTO PREFIX_order_history (id_employee, id_order, id_order_state, date_add)
SELECT 0, o.id_order, 2, %s FROM PREFIX_orders AS o
"""


@pytest.fixture
def shop(own_scene: Scene) -> Swept:
    """Twenty thousand old orders of one customer, all learned."""
    swept = Swept(own_scene)
    swept.scene.rows.run(_PAST, swept.scene.rows.customer(date_add=LONG_AGO, date_upd=LONG_AGO), LONG_AGO, LONG_AGO)
    swept.scene.rows.run(_LINES)
    swept.scene.rows.run(_STATES, LONG_AGO)
    swept.start()
    return swept


def test_an_import_costs_reads_and_no_events(shop: Swept) -> None:
    """Every row gets a new date; some get new totals as well. None of it is an event; a live order does not wait."""
    rows = shop.scene.rows
    assert sum(len(block.rows) for block in shop.state.swept.values() if block.thing == "order") == ORDERS + 1
    assert len([key for thing, key in shop.state.memories if thing == "order"]) == 1, "learned, and not looked at"
    rows.run("UPDATE PREFIX_orders SET date_upd = NOW()")
    assert sum(report.things for report in shop.walk()) == 0
    first = rows.all("SELECT MIN(id_order) FROM PREFIX_orders")[0][0]
    rewritten = (first + 5_000, first + 5_000 + REWRITTEN - 1)
    rows.run("UPDATE PREFIX_orders SET total_products_wt = 24.001 WHERE id_order BETWEEN %s AND %s", *rewritten)
    zone = shop.scene.shop.reference().time.zone
    largest, seen, bought = 0, 0, 0
    passes = shop.sweep.way.progress.passes
    while shop.sweep.way.progress.passes == passes:
        for report in shop.sweep.walk(is_paced=False):
            largest, seen = max(largest, report.things), seen + report.things
            if report.things and not bought:
                with shop.scene.shop.snapshot() as snapshot:
                    now = snapshot.reading.now.astimezone(zone).replace(tzinfo=None)
                bought = rows.order(rows.customer(), at=now)
                shop.poll.once()
                assert ("Order Completed", bought) in shop.told(), "between two pages"
    assert (largest, seen) == (50, REWRITTEN)
    assert shop.told() == []
    assert sum(report.things for report in shop.walk()) == 0
