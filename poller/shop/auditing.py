"""The audit's view of the shop: its rows, page by page, read by statements of its own."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Row

from poller.core.money import ZERO, tolerance
from poller.engine.audit.books import AuditedCustomer, AuditedOrder, Issued, Roles, Step
from poller.shop.database import ShopDatabase
from poller.shop.horizon import read_clock
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.values import as_int, as_money, as_text

PAGE = 500
SPAN = 20_000
"""So many keys of a table are looked through in one statement."""
_ROOM = timedelta(hours=3)
"""So much earlier than the moment itself is read: local time goes back by an hour in autumn, by more nowhere."""
_EVER = "0000-00-00"
_DATING = ("dated_orders", "dated_states", "dated_slips", "refunded_lines")
_CHOSEN_AMOUNT = 2
_DIGITS = 2


class AuditedShop:
    """engine.audit.books.Shop on the shop's database."""

    def __init__(self, shop: ShopDatabase) -> None:
        self._shop = shop
        self._reference = shop.reference()

    def now(self) -> datetime:
        """The database's clock."""
        with self._shop.session() as (session, _):
            return read_clock(session)

    def zone(self) -> tzinfo:
        """The shop's time zone."""
        return self._reference.time.zone

    def shop_names(self) -> Mapping[int, str]:
        """The installation's shops."""
        return {shop_id: shop.name for shop_id, shop in self._reference.shops.items()}

    def orders(
        self, internal: frozenset[str], *, since: datetime | None = None, told: Iterable[int] = ()
    ) -> Iterator[AuditedOrder]:
        """All orders; each page in a snapshot of its own.

        With `since` only those that may have a fact of that moment or later: whatever row dates one, and whatever none
        dates. `told` are others that somebody was told of.
        """
        ids = self._ids("dated_orders", None) if since is None else iter(sorted(self._since(since) | set(told)))
        now = self.now()
        while page := list(islice(ids, PAGE)):
            with self._shop.session() as (session, _), session.snapshot():
                rows = session.rows("audit/orders", ids=page)
                found = list(_Page(session, rows, self._reference, now=now, internal=internal))
            yield from found

    def _since(self, since: datetime) -> set[int]:
        return {order_id for name in _DATING for order_id in self._ids(name, since)}

    def _ids(self, name: str, since: datetime | None) -> Iterator[int]:
        """The orders that a statement over spans of keys names."""
        for span in self._spans(name, since):
            with self._shop.session() as (session, _), session.snapshot():
                rows = session.rows(f"audit/{name}", **span)
            yield from (row.id_order for row in rows)

    def _spans(self, name: str, since: datetime | None) -> Iterator[dict[str, object]]:
        """The binds for each span of a table's keys; dates are the shop's own, with room for its clock."""
        text = self._reference.time.local_text(since - _ROOM) if since else _EVER
        with self._shop.session() as (session, _):
            end = as_int(getattr(session.one("audit/newest"), name))
        for start in range(0, end, SPAN):
            span: dict[str, object] = {"after_id": start, "until_id": start + SPAN}
            yield span if name == "refunded_lines" else span | {"since": text}

    def customers(self, internal: frozenset[str], *, since: datetime | None = None) -> Iterator[AuditedCustomer]:
        """All customers, or those who came since; each span in a snapshot of its own."""
        now = self.now()
        for span in self._spans("customers", since):
            with self._shop.session() as (session, _), session.snapshot():
                rows = session.rows("audit/customers", **span)
                erased = _erased(session, [row.id_customer for row in rows])
            for row in rows:
                yield AuditedCustomer(
                    customer_id=row.id_customer,
                    shop_id=as_int(row.id_shop),
                    added_at=self._reference.time.utc(row.date_add, now),
                    left_out=_left_out(row, erased, self._reference, internal),
                )


class _Page:
    """A page of orders with what belongs to them."""

    def __init__(
        self,
        session: Session,
        rows: Sequence[Row[Any]],
        reference: Reference,
        *,
        now: datetime,
        internal: frozenset[str],
    ) -> None:
        self._rows, self._reference, self._now = rows, reference, now
        ids = [row.id_order for row in rows]
        self._steps: dict[int, list[Step]] = defaultdict(list)
        for row in session.rows_in("audit/order_states", ids):
            at = reference.time.utc(row.date_add, now)
            self._steps[row.id_order].append(Step(row.id_order_history, as_int(row.id_order_state), at))
        self._slips: dict[int, list[Row[Any]]] = defaultdict(list)
        for row in session.rows_in("audit/order_slips", ids):
            self._slips[row.id_order].append(row)
        slip_ids = [slip.id_order_slip for slips in self._slips.values() for slip in slips]
        self._on_lines = {
            row.id_order_slip: as_money(row.amount_tax_incl) for row in session.rows_in("audit/slip_lines", slip_ids)
        }
        self._counters = {row.id_order: row for row in session.rows_in("audit/line_counters", ids)}
        buyers = sorted({as_int(row.id_customer) for row in rows} - {0})
        erased = _erased(session, buyers)
        self._left_out = {
            row.id_customer: _left_out(row, erased, reference, internal)
            for row in session.rows_in("audit/buyers", buyers)
        }

    def __iter__(self) -> Iterator[AuditedOrder]:
        for row in self._rows:
            shop = self._reference.shop(row.id_shop)
            currency = self._reference.currency(as_int(row.id_currency))
            counting = (key for key, state in shop.states.items() if state.is_paid or state.is_logable)
            yield AuditedOrder(
                order_id=row.id_order,
                shop_id=shop.shop_id,
                currency=currency.iso if currency else "",
                digits=currency.digits if currency else _DIGITS,
                total=as_money(row.total_paid_tax_incl),
                revenue=as_money(row.total_products) - as_money(row.total_discounts_tax_excl),
                state_id=as_int(row.current_state),
                added_at=self._reference.time.utc(row.date_add, self._now),
                updated_at=self._reference.time.utc(row.date_upd, self._now),
                steps=tuple(self._steps.get(row.id_order, ())),
                slips=tuple(self._issued(slip) for slip in self._slips.get(row.id_order, ())),
                uncovered=self._uncovered(row.id_order),
                left_out=self._buyer(as_int(row.id_customer)),
                roles=Roles(
                    canceled=shop.canceled,
                    refunded=shop.refunded,
                    error=shop.error,
                    counting=frozenset(counting),
                ),
            )

    def _buyer(self, customer_id: int) -> str:
        return self._left_out.get(customer_id, "deleted") if customer_id else ""

    def _issued(self, slip: Row[Any]) -> Issued:
        return Issued(slip.id_order_slip, _given(slip), self._reference.time.utc(slip.date_add, self._now))

    def _uncovered(self, order_id: int) -> Decimal:
        """What the counters show beyond the slips, if it is more than rounding."""
        counters = self._counters.get(order_id)
        if counters is None:
            return ZERO
        slips = self._slips.get(order_id, ())
        on_slips = sum((self._on_lines.get(slip.id_order_slip, _products(slip)) for slip in slips), ZERO)
        left = as_money(counters.refunded_tax_incl) - on_slips
        return left if left > tolerance(as_int(counters.line_count)) else ZERO


def _products(slip: Row[Any]) -> Decimal:
    """The products of a slip, tax included; one whose amount an employee chose gives back that amount."""
    if slip.total_products_tax_incl is None:
        return as_money(slip.amount)
    amount, excl, incl = (
        as_money(value) for value in (slip.amount, slip.total_products_tax_excl, slip.total_products_tax_incl)
    )
    is_chosen = as_int(slip.order_slip_type) == _CHOSEN_AMOUNT and 0 < amount < incl
    return amount if is_chosen and abs(amount - excl) > as_money("0.02") else incl


def _given(slip: Row[Any]) -> Decimal:
    shipping = slip.total_shipping_tax_incl
    return _products(slip) + as_money(slip.shipping_cost_amount if shipping is None else shipping)


def _erased(session: Session, customer_ids: Sequence[int]) -> set[int]:
    return {row.id_customer for row in session.rows_in("load/customer_erasures", customer_ids)}


def _left_out(row: Row[Any], erased: set[int], reference: Reference, internal: frozenset[str]) -> str:
    """Why nothing is sent of a customer, in the words of `poller status`."""
    if row.id_customer in erased:
        return "erased"
    if row.deleted:
        return "deleted"
    is_ours = as_text(row.email).lower() in internal or str(row.id_customer) in internal
    return "internal" if is_ours or row.id_customer in reference.house_accounts else ""
