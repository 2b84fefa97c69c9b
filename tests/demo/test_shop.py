"""The living shop: it writes what PrestaShop writes, in PrestaShop's order, and its log is the truth."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import pymysql
import pytest

from poller.demo import accounts, buying, office, refunding, visits
from poller.demo.book import Deed
from poller.demo.server import PrivateMariaDB
from poller.demo.shop import Act, LivingShop
from tests.demo.test_history import BROKEN, one
from tests.support.mariadb import fresh_database

NEVER = datetime.max.replace(tzinfo=UTC)
PLACED = {
    "totals": """
        SELECT COUNT(*) FROM ps_orders
        WHERE total_paid_tax_incl <> total_products_wt + total_shipping_tax_incl + total_wrapping_tax_incl
                - total_discounts_tax_incl
            OR total_paid_tax_excl <> total_products + total_shipping_tax_excl + total_wrapping_tax_excl
                - total_discounts_tax_excl
            OR total_paid <> total_paid_tax_incl""",
    "lines": """
        SELECT COUNT(*) FROM ps_orders AS o WHERE o.current_state > 0 AND (o.total_products, o.total_products_wt) <> (
            SELECT COALESCE(SUM(d.total_price_tax_excl), 0), COALESCE(SUM(d.total_price_tax_incl), 0)
            FROM ps_order_detail AS d WHERE d.id_order = o.id_order)""",
    "without history": """
        SELECT COUNT(*) FROM ps_orders AS o LEFT JOIN ps_order_history AS h ON h.id_order = o.id_order
        WHERE (o.current_state = 0) <> (h.id_order IS NULL)""",
    "vouchers": """
        SELECT COUNT(*) FROM ps_orders AS o LEFT JOIN ps_order_cart_rule AS v ON v.id_order = o.id_order
        WHERE o.current_state > 0 AND o.total_discounts_tax_incl <> COALESCE(v.value, 0)""",
    "slips": """
        SELECT COUNT(*) FROM ps_order_slip AS s INNER JOIN ps_orders AS o ON o.id_order = s.id_order
        WHERE s.date_add < o.date_add
            OR s.total_products_tax_incl + s.total_shipping_tax_incl > o.total_paid_tax_incl""",
    "payments": """
        SELECT COUNT(*) FROM ps_order_payment AS p WHERE p.amount NOT IN (
            SELECT o.total_paid FROM ps_orders AS o WHERE o.reference = p.order_reference)""",
}
SLIPS = """
    SELECT COUNT(*) FROM (
        SELECT d.id_order_detail FROM ps_order_detail AS d
        LEFT JOIN ps_order_slip_detail AS s ON s.id_order_detail = d.id_order_detail
        GROUP BY d.id_order_detail
        HAVING MAX(d.total_refunded_tax_incl) <> COALESCE(SUM(s.amount_tax_incl), 0)
            OR MAX(d.product_quantity_refunded + d.product_quantity_return) <> COUNT(s.id_order_slip)
    ) AS wrong"""


@pytest.fixture(scope="module")
def database(server: PrivateMariaDB) -> Iterator[str]:
    """One for most tests: each has a shop of its own in it, which knows only what it made itself."""
    with fresh_database(server) as name:
        yield name


@pytest.fixture
def shop(server: PrivateMariaDB, database: str) -> LivingShop:
    return LivingShop(lambda: server.connect(database), pace=0)


@contextmanager
def logged(server: PrivateMariaDB, found: list[str]) -> Iterator[None]:
    """Collect the writing statements the server runs meanwhile, as `verb table`, in their order."""
    with server.connect("mysql") as connection, connection.cursor() as cursor:
        cursor.execute("SET GLOBAL log_output = 'TABLE'")
        cursor.execute("TRUNCATE general_log")
        cursor.execute("SET GLOBAL general_log = 1")
        try:
            yield
        finally:
            cursor.execute("SET GLOBAL general_log = 0")
        cursor.execute("SELECT argument FROM general_log WHERE command_type = 'Query'")
        for (statement,) in cursor.fetchall():
            match = re.match(r"(INSERT|UPDATE|DELETE)[ A-Z]*`?ps_(\w+)", statement)
            if match:
                found.append(f"{match[1]} {match[2]}")


def last(shop: LivingShop, kind: str) -> Deed:
    return [deed for deed in shop.deeds if deed.kind == kind][-1]


def test_everything_adds_up_whoever_writes_at_once(server: PrivateMariaDB) -> None:
    with fresh_database(server) as name, server.connect(name) as connection:
        shop = LivingShop(lambda: server.connect(name), pace=0)
        shop.run(600, workers=4)
        checks = PLACED | {"counters": SLIPS, "valid": BROKEN["valid"]}
        assert {what: one(connection, sql) for what, sql in checks.items()} == dict.fromkeys(checks, 0)
        told = Counter(deed.order_id for deed in shop.deeds if deed.kind == "completed")
        assert set(told.values()) == {1}
        entered = "SELECT COUNT(DISTINCT id_order) FROM ps_order_history WHERE id_order_state <> 8"
        assert one(connection, entered) == len(told)
    rare = {"cancelled by an ERP's SQL", "all lines cancelled", "one unit cancelled", "notified again", "on backorder"}
    assert rare <= {deed.act for deed in shop.deeds}


def test_with_one_worker_everything_follows_from_the_seed(server: PrivateMariaDB) -> None:
    runs = []
    for _ in range(2):
        with fresh_database(server) as name:
            shop = LivingShop(partial(server.connect, name), seed=7, pace=0)
            shop.run(60)
            runs.append([replace(deed, at=NEVER, began=None, dated=None) for deed in shop.deeds])
    assert runs[0] == runs[1]


def test_an_order_is_written_in_prestashops_order(server: PrivateMariaDB, shop: LivingShop) -> None:
    assert shop.do(buying.buy_with_voucher)
    found: list[str] = []
    with logged(server, found):
        assert shop.do(buying.buy_with_voucher)
    placing = found[found.index("INSERT orders") :]
    lines = placing.count("INSERT order_detail")
    assert placing == [
        "INSERT orders",
        *["INSERT order_detail"] * lines,
        "INSERT order_carrier",
        "INSERT order_cart_rule",
        "UPDATE cart_rule",
        "UPDATE orders",
        "INSERT order_history",
        "INSERT mail",
        "INSERT mail",
    ]
    filling = found[: found.index("INSERT orders")]
    assert filling[:2] == ["INSERT guest", "INSERT connections"]
    for place, statement in enumerate(filling):
        if statement == "INSERT cart_product":
            assert filling[place - 1] in ("INSERT cart", "UPDATE cart")


def test_a_split_checkout_writes_both_orders_before_either_gets_a_state(
    server: PrivateMariaDB, shop: LivingShop
) -> None:
    found: list[str] = []
    with logged(server, found):
        assert shop.do(buying.buy_split)
    rows = [statement for statement in found if statement.endswith((" orders", " order_history"))]
    assert rows == ["INSERT orders"] * 2 + ["UPDATE orders", "INSERT order_history"] * 2
    first, second = [deed for deed in shop.deeds if deed.kind == "completed"]
    assert first.order_id != second.order_id


def test_a_payment_ends_with_the_history_row(server: PrivateMariaDB, shop: LivingShop) -> None:
    assert shop.do(buying.buy_with_voucher)
    found: list[str] = []
    with logged(server, found):
        assert shop.do(office.pay)
    assert found[0] == "UPDATE orders"
    assert found[-2:] == ["INSERT order_history", "INSERT mail"]
    for statement in ("INSERT order_invoice", "INSERT order_payment", "INSERT order_invoice_payment"):
        assert found.count(statement) == 1
    assert found.index("INSERT order_invoice") < found.index("INSERT order_payment")


@pytest.mark.parametrize(
    ("refund", "ending"),
    [
        (refunding.refund_unit, []),
        (
            refunding.refund_as_voucher,
            ["INSERT cart_rule", "INSERT cart_rule_lang", "UPDATE cart_rule", "UPDATE cart_rule_lang"],
        ),
    ],
)
def test_a_refund_touches_no_order(server: PrivateMariaDB, shop: LivingShop, refund: Act, ending: list[str]) -> None:
    assert shop.do(buying.buy_as_guest)
    found: list[str] = []
    with logged(server, found):
        assert shop.do(refund)
    assert found == ["INSERT order_slip", "INSERT order_slip_detail", "INSERT mail", "UPDATE order_detail", *ending]


def test_a_refund_as_a_voucher_has_a_code_that_names_rule_customer_and_order(
    server: PrivateMariaDB, database: str, shop: LivingShop
) -> None:
    assert shop.do(buying.buy_as_guest, refunding.refund_as_voucher)
    deed = last(shop, "refunded")
    with server.connect(database) as connection:
        ending = f"C{deed.customer_id}O{deed.order_id}"
        rule = f"SELECT reduction_amount FROM ps_cart_rule WHERE code = CONCAT('V', id_cart_rule, '{ending}')"
        assert one(connection, rule) == deed.amount


def test_setting_an_order_to_refunded_gives_back_what_was_not_given_back_yet(shop: LivingShop) -> None:
    assert shop.do(buying.buy_wrapped, refunding.refund_unit, office.refund_by_state)
    refunds = [deed.amount for deed in shop.deeds if deed.kind == "refunded"]
    assert len(refunds) == 2
    assert sum(refunds) == last(shop, "completed").amount
    assert not shop.do(office.refund_by_state)


def test_cancelling_all_lines_deletes_them_and_zeroes_the_totals_and_the_log_knows_what_they_were(
    server: PrivateMariaDB, database: str, shop: LivingShop
) -> None:
    while not shop.do(office.cancel_lines):
        assert shop.do(buying.buy)
    deed = last(shop, "cancelled")
    completed = [other for other in shop.deeds if other.kind == "completed" and other.order_id == deed.order_id]
    assert [other.amount for other in completed] == [deed.amount]
    assert deed.amount > 0
    with server.connect(database) as connection:
        order = (
            f"SELECT current_state, total_paid_tax_incl, total_products FROM ps_orders WHERE id_order = {deed.order_id}"
        )
        assert one(connection, order) == (6, Decimal(0), Decimal(0))
        assert one(connection, f"SELECT COUNT(*) FROM ps_order_detail WHERE id_order = {deed.order_id}") == 0


def test_nothing_is_edited_before_it_was_told(server: PrivateMariaDB, database: str) -> None:
    asked: list[int] = []

    def is_told(order_id: int) -> bool:
        asked.append(order_id)
        return False

    shop = LivingShop(lambda: server.connect(database), pace=0, is_told=is_told)
    shop.run(150)
    assert asked
    assert {"all lines cancelled", "one unit cancelled"}.isdisjoint(deed.act for deed in shop.deeds)


def test_an_erp_sets_a_state_and_nothing_else(server: PrivateMariaDB, shop: LivingShop) -> None:
    assert shop.do(buying.buy_with_voucher)
    found: list[str] = []
    with logged(server, found):
        assert shop.do(office.set_by_sql)
    assert found == ["UPDATE orders"]
    assert last(shop, "cancelled").amount == last(shop, "completed").amount


def test_a_crash_leaves_an_order_without_a_state_for_ever(server: PrivateMariaDB, database: str) -> None:
    told = crashes = 0
    with server.connect(database) as connection:
        before = one(connection, "SELECT COALESCE(MAX(id_order), 0) FROM ps_orders")
        for seed in range(6):
            shop = LivingShop(lambda: server.connect(database), pace=0, seed=seed)
            assert shop.do(buying.crash)
            crashes += 1
            told += sum(deed.kind == "completed" for deed in shop.deeds)
        orders = f"SELECT SUM(current_state = 0), SUM(current_state > 0) FROM ps_orders WHERE id_order > {before}"
        assert one(connection, orders) == (crashes, told)
        assert one(connection, f"SELECT COUNT(*) FROM ps_order_history WHERE id_order > {before}") == told
        assert 0 < told < crashes


def test_a_payment_error_completes_only_when_it_is_paid(shop: LivingShop) -> None:
    assert shop.do(buying.fail_to_pay)
    assert all(deed.kind != "completed" for deed in shop.deeds)
    assert shop.do(office.pay)
    assert last(shop, "completed").act == "paid"


def test_a_second_notification_is_a_row_and_no_fact(server: PrivateMariaDB, database: str, shop: LivingShop) -> None:
    assert shop.do(buying.buy_as_guest, office.notify_again)
    order_id = last(shop, "completed").order_id
    with server.connect(database) as connection:
        states = f"SELECT GROUP_CONCAT(id_order_state) FROM ps_order_history WHERE id_order = {order_id}"
        assert one(connection, states) == "2,2"
    assert sum(deed.order_id == order_id for deed in shop.deeds if deed.kind) == 1


def test_stamps_are_local_time_of_the_shop(server: PrivateMariaDB, database: str, shop: LivingShop) -> None:
    assert shop.do(visits.register)
    with server.connect(database) as connection:
        offset = "SELECT ROUND(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), MAX(date_add)) / 3600) FROM ps_customer"
        # Paris is one hour ahead of UTC, two in summer.
        assert one(connection, offset) == float(f"{datetime.now(ZoneInfo('Europe/Paris')):%z}") / 100
        dates = "SELECT birthday, newsletter_date_add FROM ps_customer WHERE id_customer = 1"
        assert one(connection, dates) == ("0000-00-00", "0000-00-00 00:00:00")


def test_an_address_in_use_is_replaced_and_not_edited(server: PrivateMariaDB, database: str, shop: LivingShop) -> None:
    assert shop.do(buying.buy_with_voucher, accounts.move)
    deed = last(shop, "identify")
    with server.connect(database) as connection:
        rows = (
            f"SELECT GROUP_CONCAT(deleted ORDER BY id_address) FROM ps_address WHERE id_customer = {deed.customer_id}"
        )
        assert one(connection, rows) == "1,0"
        newest = f"SELECT address1 FROM ps_address WHERE deleted = 0 AND id_customer = {deed.customer_id}"
        assert one(connection, newest) == deed.traits["street"]


def test_a_deleted_account_never_had_an_order(server: PrivateMariaDB, database: str, shop: LivingShop) -> None:
    assert shop.do(*[visits.register] * 12, *[buying.buy] * 6, *[accounts.delete_account] * 6)
    gone = {deed.customer_id for deed in shop.deeds if deed.act == "deleted"}
    assert len(gone) == 6
    with server.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT id_customer FROM ps_orders")
        assert gone.isdisjoint(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT id_customer FROM ps_customer WHERE deleted = 0")
        assert gone.isdisjoint(row[0] for row in cursor.fetchall())


def test_a_failing_act_is_not_hidden(server: PrivateMariaDB) -> None:
    with fresh_database(server) as name:
        with server.connect(name) as connection, connection.cursor() as cursor:
            cursor.execute("DROP TABLE ps_order_history")
        shop = LivingShop(lambda: server.connect(name), pace=0)
        with pytest.raises(pymysql.err.ProgrammingError, match="ps_order_history"):
            shop.run(50, workers=2)


def test_it_stops_when_told(server: PrivateMariaDB, database: str) -> None:
    shop = LivingShop(lambda: server.connect(database), pace=0)
    shop.stop()
    shop.live(60)
    assert shop.deeds == ()
