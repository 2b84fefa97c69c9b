"""The money of an order event: parts that add up to the total, to the cent of the order's currency."""

from dataclasses import dataclass
from decimal import Decimal

from poller.core.events import Json
from poller.core.money import ZERO, rounded
from poller.streams.orders.facts import OrderFacts, Slip
from poller.streams.shops import Currency

UNKNOWN = Currency("", 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Amounts in one currency, rounded to its digits.

    `total == subtotal + shipping + tax + wrapping`, always: the tax is what remains, so that a rounding difference
    never moves between revenue and shipping. `subtotal` is after discounts, before tax and shipping
    (spec/ecommerce/v2, Order Completed); `shipping` and `wrapping` are without tax.
    """

    total: Decimal
    subtotal: Decimal
    shipping: Decimal
    tax: Decimal
    wrapping: Decimal = ZERO
    discount: Decimal = ZERO

    def __post_init__(self) -> None:
        if self.total != self.subtotal + self.shipping + self.tax + self.wrapping:
            raise ValueError("amounts do not add up")

    def properties(self) -> dict[str, Json]:
        """The amounts as properties; wrapping and discount only where there are any."""
        found: dict[str, Json] = {
            "total": self.total,
            "subtotal": self.subtotal,
            "shipping": self.shipping,
            "tax": self.tax,
        }
        if self.wrapping:
            found["wrapping"] = self.wrapping
        if self.discount:
            found["discount"] = self.discount
        return found


def order_amounts(order: OrderFacts, digits: int) -> Amounts:
    """The order's own amounts (`orders.total_*`)."""
    total = rounded(order.total_tax_incl, digits)
    subtotal = rounded(order.products_tax_excl - order.discounts_tax_excl, digits)
    shipping = rounded(order.shipping_tax_excl, digits)
    wrapping = rounded(order.wrapping_tax_excl, digits)
    return Amounts(
        total=total,
        subtotal=subtotal,
        shipping=shipping,
        wrapping=wrapping,
        tax=total - subtotal - shipping - wrapping,
        discount=rounded(order.discounts_tax_excl, digits),
    )


def slip_amounts(slip: Slip, digits: int) -> Amounts:
    """A credit slip's amounts, as issued."""
    total = rounded(slip.total, digits)
    subtotal = rounded(slip.products_tax_excl, digits)
    shipping = rounded(slip.shipping_tax_excl, digits)
    return Amounts(total=total, subtotal=subtotal, shipping=shipping, tax=total - subtotal - shipping)


def share_of(whole: Amounts, total: Decimal, digits: int) -> Amounts:
    """The amounts of a refund of which only the total is known: the order's own proportions.

    Used for the remainder of an order that became refunded, and for refunds without a credit slip.
    """
    if total == whole.total or not whole.total:
        return whole if total == whole.total else Amounts(total=total, subtotal=total, shipping=ZERO, tax=ZERO)
    share = total / whole.total
    subtotal = rounded(whole.subtotal * share, digits)
    shipping = rounded(whole.shipping * share, digits)
    wrapping = rounded(whole.wrapping * share, digits)
    tax = total - subtotal - shipping - wrapping
    return Amounts(total=total, subtotal=subtotal, shipping=shipping, tax=tax, wrapping=wrapping)


def currency_of(order: OrderFacts) -> Currency:
    """The order's currency; a deleted one has no code left, and is then simply not named."""
    return order.shop.currency(order.currency_id) or UNKNOWN


def in_shop_currency(order: OrderFacts, amount: Decimal) -> Decimal:
    """An amount of the order in the shop's default currency, at the order's own rate."""
    rate = order.conversion_rate if order.conversion_rate > 0 else Decimal(1)
    return rounded(amount / rate, order.shop.default_currency.digits)
