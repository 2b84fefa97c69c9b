"""What the shop has on offer, read from its own database: products, currencies, carriers, vouchers, its time zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

import pymysql

from poller.demo.pricing import Carrier, Currency, Offer, Voucher
from poller.demo.server import Connection

PICK_UP = Carrier(1, Decimal("0.00"))
CARRIERS = (PICK_UP, Carrier(2, Decimal("5.90")), Carrier(3, Decimal("9.17")))
"""Prices live in tables the poller never reads, and are not in the demo's schema."""

_OFFERS = """
SELECT p.id_product, COALESCE(a.id_product_attribute, 0), l.name, COALESCE(a.reference, p.reference),
    p.price + COALESCE(a.price, 0)
FROM PREFIX_product AS p
INNER JOIN PREFIX_product_lang AS l ON p.id_product = l.id_product AND l.id_lang = 1
LEFT JOIN PREFIX_product_attribute AS a ON p.id_product = a.id_product
ORDER BY 1, 2
"""
_CURRENCIES = "SELECT id_currency, iso_code, conversion_rate FROM PREFIX_currency ORDER BY id_currency"
_VOUCHERS = """
SELECT r.id_cart_rule, l.name, r.reduction_percent, r.reduction_amount, r.free_shipping
FROM PREFIX_cart_rule AS r
INNER JOIN PREFIX_cart_rule_lang AS l ON r.id_cart_rule = l.id_cart_rule AND l.id_lang = 1
WHERE r.id_customer = 0
ORDER BY r.id_cart_rule
"""
_ZONE = "SELECT value FROM PREFIX_configuration WHERE name = 'PS_TIMEZONE'"


@dataclass(frozen=True, slots=True)
class Market:
    """The offers; `gift` is the voucher that makes an order free, and not among `vouchers`."""

    offers: Sequence[Offer]
    euro: Currency
    dollar: Currency
    vouchers: Sequence[Voucher]
    gift: Voucher
    zone: ZoneInfo


def read_market(connection: Connection, prefix: str) -> Market:
    """Read it from the demo shop's tables."""
    with connection.cursor(pymysql.cursors.Cursor) as cursor:

        def rows(sql: str) -> Sequence[tuple[object, ...]]:
            cursor.execute(sql.replace("PREFIX_", prefix))
            return cursor.fetchall()

        offers = [
            Offer(int(str(product)), int(str(variant)), str(name), str(reference), Decimal(str(price)))
            for product, variant, name, reference, price in rows(_OFFERS)
        ]
        euro, dollar = (Currency(int(str(key)), str(iso), Decimal(str(rate))) for key, iso, rate in rows(_CURRENCIES))
        vouchers = [
            Voucher(int(str(key)), str(name), Decimal(str(percent)), Decimal(str(amount)), bool(free))
            for key, name, percent, amount, free in rows(_VOUCHERS)
        ]
        ((zone,),) = rows(_ZONE)
    gift = next(voucher for voucher in vouchers if voucher.percent == 100)
    return Market(offers, euro, dollar, [v for v in vouchers if v is not gift], gift, ZoneInfo(str(zone)))
