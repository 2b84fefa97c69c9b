"""A big shop's past, made by the server itself: for benchmarks, and for query plans on tables of real size."""

from datetime import UTC, datetime

from poller.demo.database import run_script
from poller.demo.server import Connection
from poller.shop.statements import sql_directory

_UNTIL = datetime(2026, 1, 1, tzinfo=UTC)


def fill(connection: Connection, orders: int, *, prefix: str = "ps_", until: datetime = _UNTIL) -> None:
    """Add so many orders, spread evenly over the ten years before `until`; the same numbers make the same rows.

    Each has about three lines and three history rows; for every four there is a customer, for every two a third cart
    that was left behind, for every thirty-three a credit slip. Needs MariaDB, and the tables of schema.sql; on empty
    tables it is fastest.
    """
    if orders < 1:
        return
    script = (sql_directory() / "demo" / "history.sql").read_text(encoding="utf-8")
    sizes = {"ORDERS": orders, "CUSTOMERS": max(orders // 4, 1), "CARTS": max(orders * 3 // 2, 1)}
    for name, size in sizes.items():
        script = script.replace(f"seq_1_to_{name} AS", f"seq_1_to_{size} AS")
    with connection.cursor() as cursor:
        cursor.execute("SET @orders = %s, @until = %s", (orders, until.strftime("%Y-%m-%d %H:%M:%S")))
    run_script(connection, script, prefix)
