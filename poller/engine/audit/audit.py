"""The audit's walk: shop and state store side by side, both in the order of their keys, so memory stays flat."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import TypeVar

from poller.core.money import rounded
from poller.core.policy import Policy, Window
from poller.engine.audit.books import AuditedCustomer, AuditedOrder, Books, Noted, Shop, Standing, Told
from poller.engine.audit.compare import Fate, Verdict, judge, minor
from poller.engine.audit.report import AuditReport, Cell, Difference
from poller.engine.audit.rules import CANCELLED, COMPLETED, REFUNDED, Expected, expected
from poller.engine.audit.shelf import Shelf

IDENTIFY = "identify"
ORDER_EVENTS = (COMPLETED, CANCELLED, REFUNDED)
PAGE = 500
PATIENCE = timedelta(minutes=20)
"""What no row dates is found by the sweep; so long it may take before its absence is a difference."""
BEST: tuple[Standing, ...] = ("delivered", "pending", "buried", "dropped")

T = TypeVar("T")


class Audit:
    """Compares a period: facts that happened at `period.since` or later, and before `period.until`.

    One that is not of everything (`is_whole`) reads no orders and customers that can have none.
    """

    def __init__(self, shop: Shop, books: Books, policy: Policy, *, period: Window, is_whole: bool = False) -> None:
        self._shop = shop
        self._books = books
        self._policy = policy
        self._period = period
        self._since = None if is_whole else period.since
        self._now = shop.now()
        self._zone: tzinfo = shop.zone()

    def run(self) -> AuditReport:
        """Compare orders, then customers."""
        report = AuditReport(
            since=self._period.since,
            until=self._period.until or self._now,
            shops=self._shop.shop_names(),
            delivered=self._books.counts(),
        )
        self._orders(report)
        if self._policy.user_id.source != "anonymous" and IDENTIFY not in self._policy.disabled:
            self._customers(report)
        return report

    # ------------------------------------------------------------ orders

    def _orders(self, report: AuditReport) -> None:
        shelf = Shelf(self._books.told("order", ORDER_EVENTS))
        for page in _pages(self._shop.orders(self._policy.internal, since=self._since, told=self._told())):
            noted = self._books.noted([order.order_id for order in page])
            for order in page:
                self._strays(shelf.before(order.order_id), report)
                told = shelf.of(order.order_id)
                self._order(order, told, noted.get(order.order_id, Noted()), report=report)
        self._strays(shelf.rest(), report)

    def _told(self) -> set[int]:
        """The orders that somebody was told of as of the period: their rows may have other dates by now."""
        if self._since is None:
            return set()
        told = self._books.told("order", ORDER_EVENTS)
        return {message.key for message in told if self._period.holds(message.occurred_at)}

    def _order(self, order: AuditedOrder, told: list[Told], noted: Noted, *, report: AuditReport) -> None:
        facts = expected(order, self._policy.completed_when)
        verdicts = judge(
            facts,
            told,
            noted=noted,
            digits=order.digits,
            now=self._now,
            absence=lambda fact: self._absence(fact, order, noted),
        )
        revenue = minor(rounded(order.revenue, order.digits))
        for verdict in verdicts:
            if self._period.holds(verdict.at):
                earned = revenue if verdict.name == COMPLETED else 0
                self._enter(verdict, report, thing="order", key=order.order_id, where=order, revenue_minor=earned)
        report.things["orders"] += any(self._period.holds(verdict.at) for verdict in verdicts)

    def _absence(self, fact: Expected, order: AuditedOrder, noted: Noted) -> tuple[Fate, str]:
        """What it means that the shop proves a fact and nobody was told."""
        rule = self._left_out(fact.name, fact.at or order.updated_at, order, thing="order")
        if rule:
            return "excluded", rule
        if fact.feed and not self._books.was_read(fact.feed, fact.row_id):
            return "under way", "not read yet"
        if noted.is_waiting:
            return "under way", "still being written"
        if fact.at is None and order.updated_at and self._now - order.updated_at < PATIENCE:
            return "under way", "no row records it: the sweep will find it"
        return "missing", ""

    def _left_out(self, name: str, at: datetime | None, row: AuditedOrder | AuditedCustomer, *, thing: str) -> str:
        """The rule by which a fact is not told; empty if it is owed."""
        if name in self._policy.disabled:
            return "switched off (events)"
        if not self._policy.shops.holds(row.shop_id):
            return "shop switched off (shops)"
        if row.left_out:
            return f"customer {row.left_out}"
        if at is None or not any(window.holds(at) for window in self._books.windows(thing)):
            return "before start_from, and in no finished backfill"
        return ""

    def _strays(self, told: Iterable[Told], report: AuditReport) -> None:
        for message in told:
            verdict = Verdict(
                name=message.name,
                fate="unfounded",
                at=message.occurred_at,
                told_minor=message.amount_minor,
                reason="the shop has no such order",
                delivered_at=message.delivered_at,
                occurred_at=message.occurred_at,
            )
            if self._period.holds(verdict.at):
                self._enter(verdict, report, thing="order", key=message.key, where=None, currency=message.currency)

    # ------------------------------------------------------------ customers

    def _customers(self, report: AuditReport) -> None:
        shelf = Shelf(self._books.told("customer", (IDENTIFY,)))
        for customer in self._shop.customers(self._policy.internal, since=self._since):
            for _ in shelf.before(customer.customer_id):
                """A customer who is gone was told of while they were there."""
            told = shelf.of(customer.customer_id)
            if customer.added_at is None or not self._period.holds(customer.added_at):
                continue
            report.things["customers"] += 1
            fate, reason = self._customer(customer, told)
            verdict = Verdict(name=IDENTIFY, fate=fate, at=customer.added_at, reason=reason)
            self._enter(verdict, report, thing="customer", key=customer.customer_id, where=customer)

    def _customer(self, customer: AuditedCustomer, told: list[Told]) -> tuple[Fate, str]:
        standings = {message.standing for message in told}
        for standing in BEST:
            if standing in standings:
                return standing, ""
        rule = self._left_out(IDENTIFY, customer.added_at, customer, thing="customer")
        if rule:
            return "excluded", rule
        if self._policy.user_id.source != "customer_id":
            return "excluded", "no userId by the setting user_id"
        if not self._books.was_read("customer", customer.customer_id):
            return "under way", "not read yet"
        return "missing", ""

    # ------------------------------------------------------------ sums

    def _enter(
        self,
        verdict: Verdict,
        report: AuditReport,
        *,
        thing: str,
        key: int,
        where: AuditedOrder | AuditedCustomer | None,
        currency: str | None = None,
        revenue_minor: int = 0,
    ) -> None:
        money = where.currency if isinstance(where, AuditedOrder) else currency or ""
        shop_id = where.shop_id if where else 0
        report.sum_of(Cell(verdict.at.astimezone(self._zone).date(), shop_id, money, verdict.name)).add(
            verdict, revenue_minor
        )
        if verdict.fate == "excluded":
            report.excluded[verdict.reason] += 1
        elif verdict.fate == "under way":
            report.under_way[verdict.reason] += 1
        elif verdict.is_difference:
            report.disagree(
                Difference(
                    thing=thing,
                    key=key,
                    name=verdict.name,
                    fate=verdict.fate,
                    at=verdict.at,
                    shop_minor=verdict.shop_minor,
                    told_minor=verdict.told_minor,
                    currency=money,
                    reason=verdict.reason,
                )
            )
        elif verdict.reason:
            report.remarks[verdict.reason] += 1
        report.delay(verdict)


def _pages(things: Iterator[T]) -> Iterator[list[T]]:
    while page := list(islice(things, PAGE)):
        yield page
