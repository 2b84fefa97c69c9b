"""The demo shop's money: PrestaShop's arithmetic in Decimal, each line rounded (PS_ROUND_TYPE 2), half up.

What holds of every order: paid = products + shipping + wrapping - discounts, with and without tax, to the cent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

ZERO = Decimal("0.00")
VAT = Decimal("1.2")
VAT_PERCENT = Decimal(20)
WRAPPING = Decimal("2.50")


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to two digits."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def stored(amount: Decimal) -> Decimal:
    """Rounded to the six digits a column holds."""
    return amount.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be bought: a product, or one combination of it (`variant_id`, else 0); without tax, in euros."""

    product_id: int
    variant_id: int
    name: str
    reference: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and how much of it one euro is."""

    currency_id: int
    iso: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier and its price without tax, in euros."""

    carrier_id: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class Voucher:
    """A discount anyone may use; `amount` is in euros with tax."""

    rule_id: int
    name: str
    percent: Decimal = ZERO
    amount: Decimal = ZERO
    is_shipping_free: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """A line: so many of an offer, at the currency's rate."""

    offer: Offer
    quantity: int
    rate: Decimal

    @property
    def unit(self) -> Decimal:
        """One, without tax."""
        return stored(self.offer.price * self.rate)

    @property
    def unit_with_tax(self) -> Decimal:
        """One, with tax: not rounded to cents, as in the shop."""
        return stored(self.unit * VAT)

    @property
    def total(self) -> Decimal:
        """All of them, without tax."""
        return cents(self.unit * self.quantity)

    @property
    def total_with_tax(self) -> Decimal:
        """All of them, with tax."""
        return cents(self.unit_with_tax * self.quantity)


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount with and without tax."""

    net: Decimal = ZERO
    gross: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Totals:
    """The amounts of an order, in its currency."""

    products: Taxed
    shipping: Taxed = field(default=Taxed())
    wrapping: Taxed = field(default=Taxed())
    discounts: Taxed = field(default=Taxed())

    @property
    def paid(self) -> Taxed:
        """What is to be paid."""
        return Taxed(self._paid("net"), self._paid("gross"))

    def _paid(self, side: Literal["net", "gross"]) -> Decimal:
        parts: list[Decimal] = [getattr(part, side) for part in (self.products, self.shipping, self.wrapping)]
        discounts: Decimal = getattr(self.discounts, side)
        return sum(parts, ZERO) - discounts


def totals(
    items: Sequence[Item],
    *,
    currency: Currency,
    carrier: Carrier,
    voucher: Voucher | None = None,
    is_wrapped: bool = False,
) -> Totals:
    """Add up an order."""
    products = Taxed(sum((i.total for i in items), ZERO), sum((i.total_with_tax for i in items), ZERO))
    shipping = _with_tax(carrier.price * currency.rate)
    wrapping = _with_tax(WRAPPING * currency.rate) if is_wrapped else Taxed()
    discounts = _discounts(products, shipping, voucher, currency.rate) if voucher else Taxed()
    return Totals(products, shipping, wrapping, discounts)


def _with_tax(net: Decimal) -> Taxed:
    return Taxed(cents(net), cents(net * VAT))


def _discounts(products: Taxed, shipping: Taxed, voucher: Voucher, rate: Decimal) -> Taxed:
    """What a voucher takes off: of the products, and with free shipping the carrier's whole price."""
    share = voucher.percent / 100
    net, gross = cents(products.net * share), cents(products.gross * share)
    if voucher.amount:
        gross = min(cents(voucher.amount * rate), products.gross)
        net = products.net if gross == products.gross else min(cents(gross / VAT), products.net)
    if voucher.is_shipping_free:
        net, gross = net + shipping.net, gross + shipping.gross
    return Taxed(net, gross)
