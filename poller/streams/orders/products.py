"""The product lines of an order event."""

from collections.abc import Iterable
from decimal import Decimal

from poller.core.events import Json
from poller.core.money import rounded
from poller.streams.orders.facts import Line, OrderFacts, SlipLine
from poller.streams.shops import Currency


def products(order: OrderFacts, currency: Currency) -> list[dict[str, Json]]:
    """All lines as ordered."""
    return [product(line, currency, position, coupon=coupon(order)) for position, line in enumerate(order.lines, 1)]


def refunded_products(order: OrderFacts, lines: Iterable[SlipLine], currency: Currency) -> list[dict[str, Json]]:
    """The lines of a credit slip: the refunded quantity at the refunded price."""
    ordered = {line.line_id: (position, line) for position, line in enumerate(order.lines, 1)}
    found: list[dict[str, Json]] = []
    for refund in lines:
        if refund.line_id not in ordered:
            continue
        position, line = ordered[refund.line_id]
        entry = product(line, currency, position)
        entry["quantity"] = refund.quantity
        if refund.quantity:
            entry["price"] = rounded(refund.amount_tax_excl / refund.quantity, currency.digits)
            entry["price_tax_incl"] = rounded(refund.amount_tax_incl / refund.quantity, currency.digits)
            entry["presentment_amount"] = entry["price_tax_incl"]
        found.append(entry)
    return found


def product(line: Line, currency: Currency, position: int, *, coupon: str = "") -> dict[str, Json]:
    """One line in Segment's words.

    `price` is the unit price without tax, so that the lines add up to `subtotal` before discounts; what the customer
    saw is `presentment_amount`. `variant` is always there: Braze refuses an order of which one line lacks it.
    """
    price = rounded(line.unit_tax_excl, currency.digits)
    list_price = rounded(line.list_price_tax_excl, currency.digits)
    found: dict[str, Json | None] = {
        "product_id": str(line.product_id),
        "prestashop_product_id": str(line.product_id),
        "prestashop_variant_id": str(line.variant_id) if line.variant_id else None,
        "sku": line.sku,
        "name": line.name or f"Product {line.product_id}",
        "variant": line.variant or str(line.variant_id or line.product_id),
        "brand": line.brand,
        "category": line.category,
        "price": price,
        "price_tax_incl": rounded(line.unit_tax_incl, currency.digits),
        "compare_at_price": list_price if list_price > price else None,
        "currency": currency.iso,
        "presentment_amount": rounded(line.unit_tax_incl, currency.digits),
        "presentment_currency": currency.iso,
        "quantity": line.quantity,
        "position": position,
        "coupon": coupon,
        "tags": list(line.tags),
        "url": line.url,
        "image_url": line.image_url,
        "product_properties": [{"name": name, "value": value} for name, value in line.customizations],
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def coupon(order: OrderFacts) -> str:
    """The order's coupon codes, comma separated; a voucher without a code by its name."""
    return ",".join(voucher.code or voucher.name for voucher in order.vouchers)


def lines_add_up(order: OrderFacts, tolerance: Decimal) -> bool:
    """Whether lines and totals belong together: PrestaShop writes them one statement after the other."""
    incl = sum((line.total_tax_incl for line in order.lines), Decimal(0))
    excl = sum((line.total_tax_excl for line in order.lines), Decimal(0))
    owed = order.products_tax_incl + order.shipping_tax_incl + order.wrapping_tax_incl - order.discounts_tax_incl
    return (
        abs(incl - order.products_tax_incl) <= tolerance
        and abs(excl - order.products_tax_excl) <= tolerance
        and abs(max(owed, Decimal(0)) - order.total_tax_incl) <= tolerance
    )
