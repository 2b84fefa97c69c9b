"""A cart as the shop's database holds it, whole: what the shop edge loads and derive reads. Times are aware UTC."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from poller.streams.customers import CustomerFacts
from poller.streams.shops import ShopInfo

LineKey: TypeAlias = tuple[int, int, int]
"""What tells one line of a cart from another: product, combination, customization. Not the address, which changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What the catalogue says of a product or combination.

    `price` is its own price and its combination's impact: without tax, in the shop's default currency. What a
    shopper pays is worked out in PHP (specific prices, groups, taxes) and stands nowhere before there is an order.
    """

    product_id: int
    variant_id: int = 0
    name: str = ""
    sku: str = ""
    variant: str = ""
    brand: str = ""
    category: str = ""
    price: Decimal | None = None
    image_url: str = ""
    url: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """A product in the cart (`cart_product`); `added_at` dates the first of it (before 1.7, the last change)."""

    product: Product
    customization_id: int
    quantity: int
    added_at: datetime | None

    @property
    def key(self) -> LineKey:
        """What the line is known by."""
        return self.product.product_id, self.product.variant_id, self.customization_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """A discount in the cart (`cart_cart_rule`), with what its rule grants; `amount` is in `currency`."""

    rule_id: int
    name: str = ""
    code: str = ""
    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    currency: str = ""
    is_shipping_free: bool = False


@dataclass(frozen=True, slots=True)
class CheckoutStep:
    """A step of the checkout (`cart.checkout_session_data`), by its name without what all names share."""

    name: str
    is_reachable: bool
    is_complete: bool


@dataclass(frozen=True, slots=True)
class CartOrder:
    """An order that was made of the cart."""

    order_id: int
    added_at: datetime | None
    payment: str
    carrier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CartFacts:
    """A cart (`cart`). `orders` were made of it: none, one, or several.

    `has_visitor`: it belongs to a visitor of the shop (`cart.id_guest`); an employee's, or a program's, does not.
    """

    cart_id: int
    shop: ShopInfo
    customer_id: int = 0
    customer: CustomerFacts | None = None
    has_visitor: bool = True
    carrier: str = ""
    lines: tuple[CartLine, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    steps: tuple[CheckoutStep, ...] = ()
    orders: tuple[CartOrder, ...] = ()
    added_at: datetime | None = None
    updated_at: datetime | None = None
