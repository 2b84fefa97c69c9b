"""Loading customers: who they are, where they live, what they bought."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from poller.core.money import rounded
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.values import as_date, as_int, as_money, as_text
from poller.streams.customers import Address, CustomerFacts
from poller.streams.orders.facts import HistoryRow, LedgerOrder, Slip
from poller.streams.shops import Currency

LARGEST_LEDGER = 2_000
DIGITS = 2
_SAME_SAVE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class CustomField:
    """A column of any table that names the customer in other systems, joined by `customer_column`."""

    table: str
    column: str
    customer_column: str


def load_customers(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, CustomerFacts]:
    """The customers that exist, by id."""
    wanted = sorted({key for key in ids if key > 0})
    erased = {row.id_customer for row in session.rows_in("load/customer_erasures", wanted)}
    is_asked = "privacy" in reference.consent.values()
    agreed = {row.id_customer for row in session.rows_in("load/customer_consents", wanted if is_asked else [])}
    addresses = {
        row.id_customer: _address(row) for row in session.rows_in("load/addresses", wanted, lang_id=reference.lang_id)
    }
    custom_ids = session.lookup(custom.table, custom.customer_column, custom.column, wanted) if custom else {}
    return {
        row.id_customer: CustomerFacts(
            customer_id=row.id_customer,
            shop_id=row.id_shop,
            email=as_text(row.email),
            first_name=as_text(row.firstname),
            last_name=as_text(row.lastname),
            gender=reference.genders.get(row.id_gender, ""),
            birthday=as_date(row.birthday),
            company=as_text(row.company),
            is_newsletter=bool(row.newsletter),
            is_partner_offers=bool(row.optin),
            is_guest=bool(row.is_guest),
            is_deleted=bool(row.deleted),
            is_erased=row.id_customer in erased,
            is_house_account=row.id_customer in reference.house_accounts,
            added_at=reference.time.utc(row.date_add, now),
            updated_at=reference.time.utc(row.date_upd, now),
            subscribed_at=_subscribed_at(row, reference, now),
            address=addresses.get(row.id_customer),
            custom_id=as_text(custom_ids.get(row.id_customer)),
            consents=_consents(row, reference, has_agreed=row.id_customer in agreed),
        )
        for row in session.rows_in("load/customers", wanted)
    }


def _consents(row: Row[Any], reference: Reference, *, has_agreed: bool) -> dict[str, bool]:
    """By the operator's categories: each follows one of the three things that PrestaShop asks a customer."""
    said = {"newsletter": bool(row.newsletter), "partner_offers": bool(row.optin), "privacy": has_agreed}
    return {category: said[source] for category, source in reference.consent.items()}


def _subscribed_at(row: Row[Any], reference: Reference, now: datetime) -> datetime | None:
    """When the newsletter was switched on.

    Saving the customer writes PHP's time, and dates the row with it; the box in the shop's footer writes the
    database's NOW(), and dates nothing.
    """
    stamp = row.newsletter_date_add
    if not isinstance(stamp, datetime):
        return None
    saves = [saved for saved in (row.date_add, row.date_upd) if isinstance(saved, datetime)]
    if any(abs(stamp - saved) <= _SAME_SAVE for saved in saves):
        return reference.time.utc(stamp, now)
    return reference.by_database(stamp, row.newsletter_utc, now)


def _address(row: Row[Any]) -> Address:
    return Address(
        street=", ".join(part for part in (as_text(row.address1), as_text(row.address2)) if part),
        city=as_text(row.city),
        postal_code=as_text(row.postcode),
        state=as_text(row.state),
        country=as_text(row.country),
        country_code=as_text(row.country_code).upper(),
        phone=as_text(row.phone_mobile) or as_text(row.phone),
        company=as_text(row.company),
    )


@dataclass(frozen=True, slots=True)
class Past:
    """What orders went through, and what their customers bought besides.

    `histories` and `slips` are by order, those without their lines; a customer's ledger is None where it would be too
    long.
    """

    ledgers: Mapping[int, tuple[LedgerOrder, ...] | None]
    histories: Mapping[int, tuple[HistoryRow, ...]]
    slips: Mapping[int, tuple[Slip, ...]]


def load_past(
    session: Session, people: Sequence[int], orders: Sequence[int], *, reference: Reference, now: datetime
) -> Past:
    """The states and slips of these orders, and of all orders of these customers; each is read once."""
    wanted = sorted({key for key in people if key > 0})
    sizes = {row.id_customer: row.orders for row in session.rows_in("load/customer_sizes", wanted)}
    small = [key for key in wanted if sizes.get(key, 0) <= LARGEST_LEDGER]
    rows: list[Any] = list(session.rows_in("load/customer_orders", small))
    order_ids = sorted({*orders, *(row[1] for row in rows)})
    histories = load_history(session, order_ids, reference=reference, now=now)
    slips = load_slips(session, order_ids, reference=reference, now=now)
    ledgers: dict[int, list[LedgerOrder]] = defaultdict(list)
    for customer_id, order_id, shop_id, currency_id, is_valid, state_id, paid, conversion in rows:
        rate = as_money(conversion)
        rate = rate if rate > 0 else as_money(1)
        ledgers[customer_id].append(
            LedgerOrder(
                order_id=order_id,
                shop_id=reference.shop(shop_id).shop_id,
                is_valid=bool(is_valid),
                state_id=as_int(state_id),
                net=as_money(paid) / rate,
                history=histories.get(order_id, ()),
                refunds=_refunds(slips.get(order_id, ()), reference.currency(currency_id), rate),
            )
        )
    found: dict[int, tuple[LedgerOrder, ...] | None] = {key: tuple(orders) for key, orders in ledgers.items()}
    return Past(found | {key: None for key in wanted if key not in small}, histories, slips)


def load_ledgers(
    session: Session, people: Sequence[int], *, reference: Reference, now: datetime
) -> Mapping[int, tuple[LedgerOrder, ...] | None]:
    """All orders of each customer with their states and slips; None for customers with too many of them."""
    return load_past(session, people, (), reference=reference, now=now).ledgers


def _refunds(
    slips: Sequence[Slip], currency: Currency | None, rate: Decimal
) -> tuple[tuple[int, datetime | None, Decimal], ...]:
    digits = currency.digits if currency else DIGITS
    return tuple((slip.slip_id, slip.at, rounded(slip.total, digits) / rate) for slip in slips)


def load_history(
    session: Session, order_ids: Sequence[int], *, reference: Reference, now: datetime
) -> Mapping[int, tuple[HistoryRow, ...]]:
    """The states of orders, by order, in the order of their ids."""
    found: dict[int, list[HistoryRow]] = defaultdict(list)
    utc = reference.time.utc
    rows: Iterator[Any] = session.rows_in("load/order_history", order_ids)
    for order_id, history_id, state_id, employee_id, added in rows:
        found[order_id].append(HistoryRow(history_id, state_id, as_int(employee_id), utc(added, now)))
    return {key: tuple(rows) for key, rows in found.items()}


def load_slips(
    session: Session, order_ids: Sequence[int], *, reference: Reference, now: datetime
) -> Mapping[int, tuple[Slip, ...]]:
    """The credit slips of orders, without their lines, by order."""
    found: dict[int, list[Slip]] = defaultdict(list)
    for row in session.rows_in("load/order_slips", order_ids):
        found[row.id_order].append(_slip(row, reference.time.utc(row.date_add, now)))
    return {key: tuple(slips) for key, slips in found.items()}


def _slip(row: Row[Any], at: datetime | None) -> Slip:
    """A slip as it was issued.

    Slips of very old versions have no totals, only `amount` and shipping. An employee may also choose an amount
    (`order_slip_type` 2): then `amount` is what was given back, less than the products' totals.
    """
    excl, incl = as_money(row.total_products_tax_excl), as_money(row.total_products_tax_incl)
    amount = as_money(row.amount)
    is_chosen = row.order_slip_type == 2 and 0 < amount < incl and abs(amount - excl) > as_money("0.02")  # noqa: PLR2004 (PrestaShop's VoucherRefundType, specific amount)
    if row.total_products_tax_incl is None or is_chosen:
        excl = amount * excl / incl if incl else amount
        incl = amount
    shipping = as_money(row.total_shipping_tax_incl)
    if row.total_shipping_tax_incl is None:
        shipping = as_money(row.shipping_cost_amount)
    shipping_excl = row.total_shipping_tax_excl
    return Slip(
        slip_id=row.id_order_slip,
        at=at,
        products_tax_excl=excl,
        products_tax_incl=incl,
        shipping_tax_excl=shipping if shipping_excl is None else as_money(shipping_excl),
        shipping_tax_incl=shipping,
    )
