"""The big shop's past: whole orders, the same every time, added to what is there."""

from datetime import UTC, datetime

from poller.demo.history import fill
from poller.demo.server import Connection, PrivateMariaDB
from tests.support.mariadb import fresh_database

ORDERS = 2_000
BROKEN = {
    "totals": """
        SELECT COUNT(*) FROM ps_orders
        WHERE total_paid_tax_incl <> total_products_wt + total_shipping_tax_incl
            OR total_paid_tax_excl <> total_products + total_shipping_tax_excl""",
    "lines": """
        SELECT COUNT(*) FROM ps_orders AS o WHERE o.total_products_wt <> (
            SELECT SUM(d.total_price_tax_incl) FROM ps_order_detail AS d WHERE d.id_order = o.id_order)""",
    "units": """
        SELECT COUNT(*) FROM ps_order_detail WHERE total_price_tax_incl <> unit_price_tax_incl * product_quantity""",
    "states": """
        SELECT COUNT(*) FROM ps_orders AS o WHERE o.current_state <> (
            SELECT h.id_order_state FROM ps_order_history AS h WHERE h.id_order = o.id_order
            ORDER BY h.id_order_history DESC LIMIT 1)""",
    "valid": """
        SELECT COUNT(*) FROM ps_orders AS o
        INNER JOIN ps_order_state AS s ON s.id_order_state = o.current_state WHERE o.valid <> s.logable""",
    "customers": """
        SELECT COUNT(*) FROM ps_orders AS o LEFT JOIN ps_customer AS c ON c.id_customer = o.id_customer
        LEFT JOIN ps_cart AS k ON k.id_cart = o.id_cart AND k.id_customer = o.id_customer
        WHERE c.id_customer IS NULL OR k.id_cart IS NULL""",
    "slips": """
        SELECT COUNT(*) FROM ps_order_detail AS d
        LEFT JOIN ps_order_slip_detail AS s ON s.id_order_detail = d.id_order_detail
        WHERE d.total_refunded_tax_incl <> COALESCE(s.amount_tax_incl, 0)
            OR d.product_quantity_refunded <> COALESCE(s.product_quantity, 0)""",
    "references": "SELECT COUNT(*) - COUNT(DISTINCT reference) FROM ps_orders",
}
TABLES = ("orders", "order_detail", "order_history", "order_slip", "customer", "cart", "cart_product", "address")


def one(connection: Connection, sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        (row,) = cursor.fetchall()
    return row[0] if len(row) == 1 else row


def sums(connection: Connection) -> list[object]:
    """What two shops have in common only if they are the same, row by row."""
    return [one(connection, f"CHECKSUM TABLE ps_{table}")[1] for table in TABLES]  # type: ignore[index] # a row of two


def test_orders_are_whole(server: PrivateMariaDB) -> None:
    with fresh_database(server) as name, server.connect(name) as connection:
        fill(connection, ORDERS, until=datetime(2026, 1, 1, tzinfo=UTC))
        assert one(connection, "SELECT COUNT(*) FROM ps_orders") == ORDERS
        assert one(connection, "SELECT COUNT(*) FROM ps_order_detail") == 3 * ORDERS
        assert one(connection, "SELECT COUNT(*) / 2000 BETWEEN 2.8 AND 3.3 FROM ps_order_history") == 1
        assert one(connection, "SELECT COUNT(*) - 3 FROM ps_customer") == ORDERS // 4
        assert one(connection, "SELECT COUNT(*) > 0 FROM ps_order_slip") == 1
        assert {what: one(connection, sql) for what, sql in BROKEN.items()} == dict.fromkeys(BROKEN, 0)
        span = "SELECT YEAR(MIN(date_add)), MAX(date_add) < '2026-01-01', MAX(date_upd) <= '2026-01-01' FROM ps_orders"
        assert one(connection, span) == (2016, 1, 1)


def test_the_same_number_makes_the_same_shop(server: PrivateMariaDB) -> None:
    found = []
    for _ in range(2):
        with fresh_database(server, "tables") as name, server.connect(name) as connection:
            fill(connection, 300)
            found.append(sums(connection))
    assert found[0] == found[1]


def test_more_is_added_to_what_is_there(server: PrivateMariaDB) -> None:
    with fresh_database(server) as name, server.connect(name) as connection:
        fill(connection, 100)
        fill(connection, 1)
        fill(connection, 0)
        assert one(connection, "SELECT COUNT(*), MAX(id_order) FROM ps_orders") == (101, 101)
        assert {what: one(connection, sql) for what, sql in BROKEN.items()} == dict.fromkeys(BROKEN, 0)
