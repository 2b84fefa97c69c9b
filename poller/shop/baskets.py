"""Loading carts whole: whose they are, what is in them, how far their checkout got, and the orders made of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from poller.shop.checkouts import carrier_id, steps
from poller.shop.people import CustomField, load_customers
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.shelves import Shelves, load_shelves
from poller.shop.values import as_int, as_money, as_text
from poller.streams.carts.facts import CartFacts, CartLine, CartOrder, Coupon
from poller.streams.shops import ShopInfo

SHOP_NAME = "0"
"""A carrier of this name is shown with the shop's (Carrier::__construct)."""


def load_carts(
    session: Session, ids: Sequence[int], *, reference: Reference, now: datetime, custom: CustomField | None = None
) -> dict[int, CartFacts]:
    """The carts that exist, by id."""
    rows = list(session.rows_in("load/carts", ids))
    found = [row.id_cart for row in rows]
    people = sorted({as_int(row.id_customer) for row in rows} - {0})
    customers = load_customers(session, people, reference=reference, now=now, custom=custom)
    lines = _load_lines(session, found, reference=reference)
    coupons = _load_coupons(session, found, reference=reference)
    orders = _load_orders(session, found)
    carriers = _load_carriers(session, rows)
    return {
        row.id_cart: CartFacts(
            cart_id=row.id_cart,
            shop=(shop := reference.shop(as_int(row.id_shop))),
            customer_id=as_int(row.id_customer),
            customer=customers.get(as_int(row.id_customer)),
            has_visitor=bool(row.id_guest),
            carrier=_named(carriers.get(row.id_cart, ""), shop.name),
            lines=tuple(lines.line(line, shop, now=now) for line in lines.rows.get(row.id_cart, ())),
            coupons=coupons.get(row.id_cart, ()),
            steps=steps(as_text(row.checkout_session_data)),
            orders=tuple(_order(one, reference, shop_name=shop.name, now=now) for one in orders.get(row.id_cart, ())),
            added_at=reference.time.utc(row.date_add, now),
            updated_at=reference.time.utc(row.date_upd, now),
        )
        for row in rows
    }


def _named(carrier: str, shop_name: str) -> str:
    return shop_name if carrier == SHOP_NAME else carrier


def _order(row: Row[Any], reference: Reference, *, shop_name: str, now: datetime) -> CartOrder:
    carrier = _named(as_text(row.carrier), shop_name)
    return CartOrder(row.id_order, reference.time.utc(row.date_add, now), as_text(row.payment), carrier)


@dataclass(frozen=True, slots=True)
class _Lines:
    """The rows of `cart_product` by cart, and what they refer to."""

    rows: Mapping[int, Sequence[Row[Any]]]
    shelves: Shelves
    reference: Reference

    def line(self, row: Row[Any], shop: ShopInfo, *, now: datetime) -> CartLine:
        return CartLine(
            product=self.shelves.product(as_int(row.id_product), as_int(row.id_product_attribute), shop),
            customization_id=as_int(row.id_customization),
            quantity=as_int(row.quantity),
            added_at=self.reference.time.utc(row.date_add, now),
        )


def _load_lines(session: Session, ids: Sequence[int], *, reference: Reference) -> _Lines:
    rows: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.rows_in("load/cart_lines", ids):
        rows[row.id_cart].append(row)
    keys = {(as_int(row.id_product), as_int(row.id_product_attribute)) for some in rows.values() for row in some}
    return _Lines(rows, load_shelves(session, keys, reference=reference), reference)


def _load_coupons(session: Session, ids: Sequence[int], *, reference: Reference) -> dict[int, tuple[Coupon, ...]]:
    found: dict[int, list[Coupon]] = defaultdict(list)
    for row in session.rows_in("load/cart_coupons", ids, lang_id=reference.lang_id):
        currency = reference.currency(as_int(row.reduction_currency))
        found[row.id_cart].append(
            Coupon(
                rule_id=row.id_cart_rule,
                name=as_text(row.name),
                code=as_text(row.code),
                percent=as_money(row.reduction_percent),
                amount=as_money(row.reduction_amount) if currency else as_money(0),
                currency=currency.iso if currency else "",
                is_shipping_free=bool(row.free_shipping),
            )
        )
    return {key: tuple(coupons) for key, coupons in found.items()}


def _load_orders(session: Session, ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.rows_in("load/cart_orders", ids):
        found[row.id_cart].append(row)
    return found


def _load_carriers(session: Session, rows: Sequence[Row[Any]]) -> dict[int, str]:
    """The carrier that was chosen for each cart."""
    chosen = {row.id_cart: carrier_id(as_text(row.delivery_option), as_int(row.id_carrier)) for row in rows}
    wanted = sorted(set(chosen.values()) - {0})
    names = {row.id_carrier: as_text(row.name) for row in session.rows_in("load/carriers", wanted)}
    return {key: names.get(carrier, "") for key, carrier in chosen.items()}
