"""The audit: clean where nothing was touched, and whatever is wrong in the ledger is found, with its order."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.stage import Stage, completed


def audit(stage: Stage, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = stage.run("audit", "--json", *arguments)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def differences(report: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(found["fate"], found["key"], found["name"]) for found in report["differences"]]


@pytest.fixture
def told(stage: Stage) -> list[int]:
    """Five orders: one cancelled, one refunded by a slip, one by its state after a slip; all of it told."""
    keeper = stage.keeper
    stage.catch_up()
    orders = [keeper.order(keeper.customer(name)) for name in ("Ada", "Grace", "Joan", "Mary", "Edith")]
    keeper.enter(orders[1], 6)
    keeper.slip(orders[2], "12.00")
    keeper.slip(orders[3], "12.00")
    keeper.enter(orders[3], 7)
    stage.catch_up()
    return orders


def change(stage: Stage, *statements: str) -> None:
    """Write into the ledger behind the poller's back."""
    with closing(sqlite3.connect(stage.state)) as state:
        for statement in statements:
            state.execute(statement)
        state.commit()


def ledger_of(order: int, name: str = "Order Completed") -> str:
    return f"key = {order} AND name_id IN (SELECT id FROM name WHERE name = '{name}')"


@pytest.mark.usefixtures("told")
def test_an_undisturbed_run_is_clean_and_counted(stage: Stage) -> None:
    code, report = audit(stage)
    assert (code, report["differences"]) == (0, [])
    assert report["clean"]
    assert report["things"] == {"orders": 5, "customers": 5}
    sums = {row["event"]: (row["facts"], row["shop_total"], row["told"], row["told_total"]) for row in report["days"]}
    # 50.00 and 5.00 for shipping, with a fifth for the tax.
    assert sums["Order Completed"] == (5, 330.0, 5, 330.0)
    assert sums["Order Cancelled"] == (1, 66.0, 1, 66.0)
    assert sums["Order Refunded"] == (3, 80.4, 3, 80.4)
    assert sums["identify"][0] == 0, "customers have no amount"
    completed_row = next(row for row in report["days"] if row["event"] == "Order Completed")
    assert (completed_row["currency"], completed_row["shop_revenue"], completed_row["delivered"]) == ("EUR", 250.0, 5)
    assert sum(report["delays"].values()) == 9


def remove_an_order(orders: list[int]) -> str:
    return f"DELETE FROM ledger WHERE {ledger_of(orders[0])}"


def change_an_amount(orders: list[int]) -> str:
    return f"UPDATE ledger SET amount_minor = amount_minor + 1 WHERE {ledger_of(orders[0])}"


def double_an_order(orders: list[int]) -> str:
    return (
        "INSERT INTO ledger SELECT randomblob(16), name_id, key, occurred, amount_minor, currency, delivered "
        f"FROM ledger WHERE {ledger_of(orders[0])}"
    )


def invent_an_order(orders: list[int]) -> str:
    return (
        "INSERT INTO ledger SELECT randomblob(16), name_id, key + 1000, occurred, amount_minor, currency, delivered "
        f"FROM ledger WHERE {ledger_of(orders[0])}"
    )


@pytest.mark.parametrize(
    ("wrong", "fate", "ahead"),
    [
        (remove_an_order, "missing", 0),
        (change_an_amount, "wrong amount", 0),
        (double_an_order, "twice", 0),
        (invent_an_order, "unfounded", 1000),
    ],
)
def test_whatever_is_wrong_is_found(
    stage: Stage, told: list[int], wrong: Callable[[list[int]], str], fate: str, ahead: int
) -> None:
    change(stage, wrong(told))
    code, report = audit(stage)
    assert code == 1
    assert differences(report) == [(fate, told[0] + ahead, "Order Completed")]


def test_a_day_that_is_missing_is_found_with_all_its_orders(stage: Stage, told: list[int]) -> None:
    change(stage, "DELETE FROM ledger")
    code, report = audit(stage)
    assert code == 1
    found = differences(report)
    assert {key for fate, key, name in found if (fate, name) == ("missing", "Order Completed")} == set(told)
    assert report["difference_count"] == 9 + 5, "nine events of orders, five customers"
    shown = stage.run("audit")
    assert shown.returncode == 1
    assert f"order {told[0]}" in shown.stdout


def test_what_was_left_out_is_counted_by_its_rule(stage: Stage) -> None:
    keeper = stage.keeper
    old = keeper.order(keeper.customer("Old"))
    keeper.run("UPDATE PREFIX_order_history SET date_add = '2020-01-01 12:00:00' WHERE id_order = %s", old)
    stage.configure(
        internal_customers=["ours@example.com"], events={"Order Cancelled": {"enabled": False}}, start_from="2024-01-01"
    )
    ours = keeper.order(keeper.customer("Ours"))
    cancelled = keeper.order(keeper.customer("Ada"))
    keeper.enter(cancelled, 6)
    begun = keeper.begun_order(keeper.customer("Begun"))
    stage.catch_up()
    assert stage.told() == completed(cancelled)
    code, report = audit(stage, "--since", "2019-01-01")
    assert (code, report["differences"]) == (0, [])
    assert report["excluded"] == {
        "before start_from, and in no finished backfill": 1,
        "customer internal": 3,  # the order, whoever placed it, and the account the shop keeps for orphans
        "switched off (events)": 1,
    }
    assert begun > ours


def test_an_order_changed_after_it_was_told_is_no_difference_and_is_remarked(stage: Stage, told: list[int]) -> None:
    stage.keeper.run(
        "UPDATE PREFIX_orders SET total_paid_tax_incl = 60, total_products = 45, total_products_wt = 54, "
        "date_upd = NOW() WHERE id_order = %s",
        told[0],
    )
    stage.keeper.run(
        "UPDATE PREFIX_order_detail SET total_price_tax_incl = 54, total_price_tax_excl = 45 WHERE id_order = %s",
        told[0],
    )
    stage.catch_up()
    code, report = audit(stage)
    assert (code, report["differences"]) == (0, [])
    assert report["remarks"] == {"the order was changed after it was told": 1}


def test_what_waits_or_was_refused_is_said(stage: Stage, told: list[int]) -> None:
    stage.configure(segment={"host": "http://127.0.0.1:9"})
    waiting = stage.keeper.order(stage.keeper.customer("Wait"))
    assert stage.run("catch-up").returncode == 75
    code, report = audit(stage)
    assert code == 0
    rows = [row for row in report["days"] if row["event"] == "Order Completed"]
    assert sum(row.get("pending", 0) for row in rows) == 1
    assert waiting > told[-1]


@pytest.mark.usefixtures("told")
def test_a_page_is_written_that_loads_nothing(stage: Stage, tmp_path: Path) -> None:
    page = tmp_path / "audit.html"
    done = stage.run("audit", "--html", str(page))
    assert done.returncode == 0, done.stderr
    text = page.read_text(encoding="utf-8")
    assert "Shop and Segment agree." in text
    assert text.count("<svg") == 1
    assert "http" not in text


def test_bad_input_gets_its_remedy(stage: Stage, tmp_path: Path) -> None:
    nothing = stage.run("audit")
    assert nothing.returncode == 78
    assert "poller run" in nothing.stderr
    stage.catch_up()
    backwards = stage.run("audit", "--since", "2024-02-01", "--until", "2024-01-01")
    assert backwards.returncode == 2
    unwritable = stage.run("audit", "--html", str(tmp_path / "nowhere" / "audit.html"))
    assert unwritable.returncode == 2
    assert "--html" in unwritable.stderr
