"""The properties an order event carries: the Order and Customer tables of the catalogue, whatever the event."""

from collections.abc import Mapping

from poller.core.events import Json
from poller.core.money import rounded
from poller.streams.orders.amounts import Amounts, currency_of, in_shop_currency, order_amounts
from poller.streams.orders.facts import OrderFacts
from poller.streams.orders.products import coupon, products

BACK_OFFICE, WEB = "back_office", "web"


def order_properties(order: OrderFacts) -> dict[str, Json]:
    """The whole order; money in the order's currency."""
    return identity(order) | content(order)


def identity(order: OrderFacts) -> dict[str, Json]:
    """Which order it is, how it came about, and who bought."""
    customer = order.customer
    return present(
        {
            "order_id": str(order.order_id),
            "reference": order.reference,
            "checkout_id": str(order.cart_id) if order.cart_id else None,
            "cart_id": str(order.cart_id) if order.cart_id else None,
            "affiliation": order.shop.name,
            "payment_method": order.payment,
            "payment_gateway_xcommerce": order.module,
            "shipping_method": order.carrier,
            "source_name": BACK_OFFICE if order.history and order.history[0].employee_id else WEB,
            "location": order.delivery_country,
            "order_status": order.shop.state_name(order.state_id),
            "email": customer.email if customer else None,
            "prestashop_customer_id_xcommerce": str(order.customer_id) if order.customer_id else None,
        }
    )


def content(order: OrderFacts) -> dict[str, Json]:
    """What was bought and what it cost: what memory keeps of an order whose lines may be deleted."""
    currency = currency_of(order)
    found: dict[str, Json | None] = {
        **money(order, order_amounts(order, currency.digits)),
        "coupon": coupon(order),
        "coupon_id": ",".join(str(voucher.rule_id) for voucher in order.vouchers),
        "discount_items": [
            {
                "code": voucher.code or voucher.name,
                "coupon_id": str(voucher.rule_id),
                "amount": rounded(voucher.value_tax_excl, currency.digits),
            }
            for voucher in order.vouchers
        ],
        "quantity": sum(line.quantity for line in order.lines),
        "products": products(order, currency),
    }
    return present(found)


def money(order: OrderFacts, amounts: Amounts) -> dict[str, Json]:
    """Amounts in the order's currency, as the customer saw them (`presentment_*`), and in the shop's default one."""
    iso = currency_of(order).iso
    return present(
        {
            **amounts.properties(),
            "currency": iso,
            "presentment_amount": amounts.total,
            "presentment_total": amounts.total,
            "presentment_currency": iso,
            "shop_currency": order.shop.default_currency.iso,
            "shop_currency_total": in_shop_currency(order, amounts.total),
            "shop_currency_subtotal": in_shop_currency(order, amounts.subtotal),
        }
    )


def remaining_products(order: OrderFacts, told: Mapping[int, int]) -> list[dict[str, Json]]:
    """The lines of which something is left to refund; `told` is the quantity already on slips, by line id."""
    left: list[dict[str, Json]] = []
    for entry, line in zip(products(order, currency_of(order)), order.lines, strict=True):
        quantity = line.quantity - told.get(line.line_id, 0)
        if quantity > 0:
            left.append(entry | {"quantity": quantity})
    return left


def present(found: Mapping[str, Json | None]) -> dict[str, Json]:
    """Absent is absent: neither null nor empty."""
    return {name: value for name, value in found.items() if value is not None and value not in ("", [])}
