"""An order as the shop's database holds it, whole: what the shop edge loads and derive reads.

Amounts are in the order's currency unless their name says otherwise; times are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from poller.streams.customers import CustomerFacts
from poller.streams.shops import ShopInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An order line (`order_detail`), with what the catalogue still knows of its product."""

    line_id: int
    product_id: int
    variant_id: int
    name: str
    sku: str
    variant: str
    brand: str
    category: str
    quantity: int
    unit_tax_excl: Decimal
    unit_tax_incl: Decimal
    total_tax_excl: Decimal
    total_tax_incl: Decimal
    list_price_tax_excl: Decimal
    refunded_tax_incl: Decimal
    refunded_quantity: int
    url: str = ""
    image_url: str = ""
    tags: tuple[str, ...] = ()
    customizations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A state the order entered (`order_history`); rows come in the order of their ids."""

    history_id: int
    state_id: int
    employee_id: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class SlipLine:
    """A refunded line on a credit slip (`order_slip_detail`)."""

    line_id: int
    quantity: int
    amount_tax_excl: Decimal
    amount_tax_incl: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A credit slip (`order_slip`). `is_voucher`: paid out as a voucher, not as money."""

    slip_id: int
    at: datetime | None
    products_tax_excl: Decimal
    products_tax_incl: Decimal
    shipping_tax_excl: Decimal
    shipping_tax_incl: Decimal
    is_voucher: bool = False
    lines: tuple[SlipLine, ...] = ()

    @property
    def total(self) -> Decimal:
        """What the slip gives back, tax and shipping included."""
        return self.products_tax_incl + self.shipping_tax_incl


@dataclass(frozen=True, slots=True)
class Voucher:
    """A discount on the order (`order_cart_rule`); `code` is empty where the rule had none or is deleted."""

    rule_id: int
    name: str
    code: str
    value_tax_excl: Decimal
    value_tax_incl: Decimal


@dataclass(frozen=True, slots=True)
class LedgerOrder:
    """One of the customer's orders, as far as their lifetime counters need it.

    `net` is `total_paid_tax_incl / conversion_rate`, in the shop's default currency; `refunds` are its credit slips
    as (slip id, time, amount in the default currency), each rounded as it was issued before it is converted.
    """

    order_id: int
    is_valid: bool
    state_id: int
    net: Decimal
    history: tuple[HistoryRow, ...]
    refunds: tuple[tuple[int, datetime | None, Decimal], ...]
    shop_id: int = 1


@dataclass(frozen=True, slots=True)
class Ledger:
    """A customer's orders, for events of theirs that are not about an order; `shops` are the installation's.

    `orders` is None for customers with so many that counting them would hurt the database and mean nothing.
    """

    orders: tuple[LedgerOrder, ...] | None
    shops: Mapping[int, ShopInfo]

    def shop(self, shop_id: int) -> ShopInfo:
        """A shop; a deleted one is counted as the first."""
        return self.shops.get(shop_id) or next(iter(self.shops.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """An order (`orders`) with all that belongs to it.

    `customer` is None when the order has none (id 0) or the row is gone (`customer_id` still names it). `ledger` is
    None for customers with so many orders that lifetime counters would hurt the database and mean nothing.
    """

    order_id: int
    reference: str
    shop: ShopInfo
    cart_id: int
    customer_id: int
    currency_id: int
    conversion_rate: Decimal
    state_id: int
    is_valid: bool
    payment: str
    module: str
    carrier: str
    products_tax_excl: Decimal
    products_tax_incl: Decimal
    discounts_tax_excl: Decimal
    discounts_tax_incl: Decimal
    shipping_tax_excl: Decimal
    shipping_tax_incl: Decimal
    wrapping_tax_excl: Decimal
    wrapping_tax_incl: Decimal
    total_tax_incl: Decimal
    added_at: datetime | None
    updated_at: datetime | None
    delivery_country: str = ""
    lines: tuple[Line, ...] = ()
    history: tuple[HistoryRow, ...] = ()
    slips: tuple[Slip, ...] = ()
    vouchers: tuple[Voucher, ...] = ()
    tracking_numbers: tuple[str, ...] = ()
    customer: CustomerFacts | None = None
    ledger: tuple[LedgerOrder, ...] | None = ()
