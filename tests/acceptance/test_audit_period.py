"""An audit of a period reads less than one of everything, and says the same of that period, to the last row."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from poller.assembly import find_namespace, make_policy, make_shop
from poller.config import load_settings
from poller.core.policy import Window
from poller.engine.audit.audit import Audit
from poller.engine.audit.report import AuditReport
from poller.shop.auditing import AuditedShop
from poller.state.store import open_state
from tests.acceptance.stage import Stage

DAYS = 14
ZERO = "0000-00-00 00:00:00"


@pytest.fixture
def shop(stage: Stage) -> list[int]:
    """An order a day for a fortnight, all of it told; then whatever may happen to old orders, and is not told."""
    keeper = stage.keeper
    stage.configure(start_from="2020-01-01")
    now, orders = datetime.now(UTC), []
    for day in range(DAYS, 0, -1):
        keeper.at = now - timedelta(days=day)
        orders.append(keeper.order(keeper.customer(f"Ada{day}")))
    keeper.at = None
    stage.catch_up()
    keeper.enter(orders[0], 6)
    keeper.slip(orders[1], "12.00")
    keeper.run("UPDATE PREFIX_order_detail SET total_refunded_tax_incl = 12 WHERE id_order = %s", orders[2])
    keeper.run("UPDATE PREFIX_orders SET current_state = 7 WHERE id_order = %s", orders[3])
    keeper.run("UPDATE PREFIX_orders SET date_add = %s, date_upd = %s WHERE id_order = %s", ZERO, ZERO, orders[4])
    keeper.run("UPDATE PREFIX_order_history SET date_add = %s WHERE id_order = %s", ZERO, orders[4])
    keeper.run("UPDATE PREFIX_order_history SET date_add = NOW() WHERE id_order = %s", orders[5])
    for table in ("orders", "order_detail", "order_history"):
        keeper.delete(table, {"id_order": orders[6]})
    keeper.run("UPDATE PREFIX_orders SET date_upd = NOW() WHERE id_order = %s", orders[7])
    with closing(sqlite3.connect(stage.state)) as state:
        state.execute("DELETE FROM ledger WHERE key = ?", (orders[8],))
        state.execute("UPDATE ledger SET amount_minor = amount_minor + 1 WHERE key = ?", (orders[9],))
        state.execute("UPDATE ledger SET occurred = occurred + 600000 WHERE key = ?", (orders[10],))
        state.commit()
    keeper.order(keeper.customer("New"))
    return orders


class Say(Protocol):
    def __call__(self, period: Window, *, is_whole: bool) -> AuditReport: ...


@contextmanager
def audits(stage: Stage) -> Iterator[tuple[AuditedShop, Say]]:
    settings, now = load_settings(stage.config), datetime.now(UTC)
    edge = make_shop(settings)
    with open_state(settings.state.url, read_only=True) as state, state.books() as books:
        policy = make_policy(settings, find_namespace(settings, state, edge))
        audited = AuditedShop(edge)

        def say(period: Window, *, is_whole: bool) -> AuditReport:
            report = Audit(audited, books, policy, period=period, is_whole=is_whole).run()
            # What no row dates is missing as of now, and two audits have two of those.
            dated = [replace(found, at=min(found.at, now)) for found in report.differences]
            return replace(report, until=period.until or period.since, differences=dated)

        yield audited, say


def test_a_period_is_told_of_as_in_the_whole(stage: Stage, shop: list[int]) -> None:
    now = datetime.now(UTC)
    moments = [now - timedelta(days=day, seconds=second) for day in (15, 14, 8, 1) for second in (-2, 2)]
    moments += [now - timedelta(hours=1), now + timedelta(hours=1)]
    fates: set[str] = set()
    with audits(stage) as (_, say):
        for since in moments:
            for until in (None, since + timedelta(days=1), since + timedelta(days=6)):
                period = Window(since, until)
                said = say(period, is_whole=False)
                assert said == say(period, is_whole=True), period
                fates |= {difference.fate for difference in said.differences}
    assert fates >= {"missing", "wrong amount", "unfounded"}, "there was something to be said"
    assert shop


def test_it_reads_only_what_may_have_a_fact_in_the_period(stage: Stage, shop: list[int]) -> None:
    since = datetime.now(UTC) - timedelta(days=2, hours=12)
    with audits(stage) as (audited, _):
        read = [order.order_id for order in audited.orders(frozenset(), since=since)]
        everything = [order.order_id for order in audited.orders(frozenset())]
        customers = list(audited.customers(frozenset(), since=since))
    touched = {shop[place] for place in (0, 1, 2, 3, 4, 5, 7, DAYS - 2, DAYS - 1)}
    assert set(read) == touched | {everything[-1]}
    assert len(everything) == DAYS
    assert len(customers) == 3
