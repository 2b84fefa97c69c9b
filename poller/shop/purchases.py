"""Loading orders whole: the row, its lines, states, slips, vouchers, carrier, customer and the customer's ledger."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from poller.shop.catalogue import Catalogue, load_catalogue
from poller.shop.people import CustomField, load_customers, load_past
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.values import as_int, as_money, as_text
from poller.streams.orders.facts import Line, OrderFacts, Slip, SlipLine, Voucher
from poller.streams.shops import ShopInfo

_REFUND_CODE = re.compile(r"^V\d+C\d+O(\d+)$")


def load_orders(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, OrderFacts]:
    """The orders that exist, by id."""
    rows = list(session.rows_in("load/orders", ids))
    found = [row.id_order for row in rows]
    people = sorted({row.id_customer for row in rows if row.id_customer})
    customers = load_customers(session, people, reference=reference, now=now, custom=custom)
    past = load_past(session, people, found, reference=reference, now=now)
    shops = {row.id_order: reference.shop(row.id_shop) for row in rows}
    lines = _load_lines(session, found, shops=shops, reference=reference)
    slips = _with_lines(session, {key: past.slips[key] for key in found if key in past.slips}, people)
    vouchers = _load_vouchers(session, found)
    carriers, parcels = _load_carriers(session, found)
    return {
        row.id_order: OrderFacts(
            order_id=row.id_order,
            reference=as_text(row.reference),
            shop=shops[row.id_order],
            cart_id=as_int(row.id_cart),
            customer_id=as_int(row.id_customer),
            currency_id=as_int(row.id_currency),
            conversion_rate=as_money(row.conversion_rate),
            state_id=as_int(row.current_state),
            is_valid=bool(row.valid),
            payment=as_text(row.payment),
            module=as_text(row.module),
            carrier=carriers.get(row.id_order, ""),
            products_tax_excl=as_money(row.total_products),
            products_tax_incl=as_money(row.total_products_wt),
            discounts_tax_excl=as_money(row.total_discounts_tax_excl),
            discounts_tax_incl=as_money(row.total_discounts_tax_incl),
            shipping_tax_excl=as_money(row.total_shipping_tax_excl),
            shipping_tax_incl=as_money(row.total_shipping_tax_incl),
            wrapping_tax_excl=as_money(row.total_wrapping_tax_excl),
            wrapping_tax_incl=as_money(row.total_wrapping_tax_incl),
            total_tax_incl=as_money(row.total_paid_tax_incl),
            added_at=reference.time.utc(row.date_add, now),
            updated_at=reference.time.utc(row.date_upd, now),
            delivery_country=as_text(row.delivery_country).upper(),
            lines=lines.get(row.id_order, ()),
            history=past.histories.get(row.id_order, ()),
            slips=slips.get(row.id_order, ()),
            vouchers=vouchers.get(row.id_order, ()),
            tracking_numbers=parcels.get(row.id_order, ()),
            customer=customers.get(row.id_customer),
            ledger=past.ledgers.get(row.id_customer, ()),
        )
        for row in rows
    }


def _load_lines(
    session: Session, ids: Sequence[int], *, shops: Mapping[int, ShopInfo], reference: Reference
) -> dict[int, tuple[Line, ...]]:
    rows = list(session.rows_in("load/order_lines", ids))
    catalogue = load_catalogue(
        session,
        products=sorted({row.product_id for row in rows}),
        variants=sorted({row.product_attribute_id for row in rows if row.product_attribute_id}),
        customizations=sorted({row.id_customization for row in rows if row.id_customization}),
        reference=reference,
    )
    found: dict[int, list[Line]] = defaultdict(list)
    for row in rows:
        found[row.id_order].append(_line(row, catalogue, shops[row.id_order]))
    return {key: tuple(lines) for key, lines in found.items()}


def _line(row: Row[Any], catalogue: Catalogue, shop: ShopInfo) -> Line:
    name, brand, category = catalogue.text(row.product_id, shop.shop_id)
    return Line(
        line_id=row.id_order_detail,
        product_id=as_int(row.product_id),
        variant_id=as_int(row.product_attribute_id),
        name=name or as_text(row.product_name),
        sku=as_text(row.product_reference),
        variant=catalogue.variants.get(row.product_attribute_id, ""),
        brand=brand,
        category=category,
        quantity=as_int(row.product_quantity),
        unit_tax_excl=as_money(row.unit_price_tax_excl),
        unit_tax_incl=as_money(row.unit_price_tax_incl),
        total_tax_excl=as_money(row.total_price_tax_excl),
        total_tax_incl=as_money(row.total_price_tax_incl),
        list_price_tax_excl=as_money(row.original_product_price),
        refunded_tax_incl=as_money(row.total_refunded_tax_incl),
        refunded_quantity=as_int(row.product_quantity_refunded) + as_int(row.product_quantity_return),
        url=catalogue.product_url(row.product_id, as_int(row.product_attribute_id), shop) if name else "",
        image_url=catalogue.image_url(row.product_id, shop),
        tags=catalogue.tags.get(row.product_id, ()),
        customizations=catalogue.customizations.get(row.id_customization, ()),
    )


def _with_lines(
    session: Session, slips: Mapping[int, tuple[Slip, ...]], people: Sequence[int]
) -> dict[int, tuple[Slip, ...]]:
    numbers = [slip.slip_id for of_order in slips.values() for slip in of_order]
    if not numbers:
        return {}
    lines: dict[int, list[SlipLine]] = defaultdict(list)
    for row in session.rows_in("load/order_slip_lines", numbers):
        amounts = as_money(row.amount_tax_excl), as_money(row.amount_tax_incl)
        lines[row.id_order_slip].append(SlipLine(row.id_order_detail, as_int(row.product_quantity), *amounts))
    vouchers: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.rows_in("load/refund_vouchers", people):
        match = _REFUND_CODE.match(as_text(row.code))
        if match:
            vouchers[int(match[1])].append(row)
    return {
        order_id: tuple(
            replace(slip, lines=tuple(lines.get(slip.slip_id, ())), is_voucher=_is_voucher(slip, vouchers[order_id]))
            for slip in of_order
        )
        for order_id, of_order in slips.items()
    }


def _is_voucher(slip: Slip, vouchers: Sequence[Row[Any]]) -> bool:
    """Whether the slip was paid out as a voucher: one of the order, of the same amount.

    Nothing links the two rows; PrestaShop writes them in one request, so amount and order must do.
    """
    cent = as_money("0.01")
    return any(abs(as_money(row.reduction_amount) - slip.total) < cent for row in vouchers)


def _load_carriers(session: Session, ids: Sequence[int]) -> tuple[dict[int, str], dict[int, tuple[str, ...]]]:
    """Each order's carrier, the last one it was given, and its tracking numbers."""
    names: dict[int, str] = {}
    numbers: dict[int, tuple[str, ...]] = {}
    for row in session.rows_in("load/order_carriers", ids):
        names[row.id_order] = as_text(row.name)
        number = as_text(row.tracking_number)
        numbers[row.id_order] = numbers.get(row.id_order, ()) + ((number,) if number else ())
    return names, numbers


def _load_vouchers(session: Session, ids: Sequence[int]) -> dict[int, tuple[Voucher, ...]]:
    found: dict[int, list[Voucher]] = defaultdict(list)
    for row in session.rows_in("load/order_vouchers", ids):
        found[row.id_order].append(
            Voucher(
                row.id_cart_rule,
                as_text(row.name),
                as_text(row.code),
                as_money(row.value_tax_excl),
                as_money(row.value),
            )
        )
    return {key: tuple(vouchers) for key, vouchers in found.items()}
