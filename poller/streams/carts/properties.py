"""The properties of a cart's events: the cart, its products at the catalogue's price, its coupons."""

from collections.abc import Mapping
from decimal import Decimal

from poller.core.events import Json
from poller.core.money import rounded
from poller.streams.carts.facts import CartFacts, CartLine, Coupon, LineKey, Product
from poller.streams.carts.memory import Kept
from poller.streams.shops import ShopInfo

CATALOGUE = "catalogue"
WEB, BACK_OFFICE = "web", "back_office"


def present(found: Mapping[str, Json | None]) -> dict[str, Json]:
    """Absent is absent: neither null nor empty."""
    return {name: value for name, value in found.items() if value is not None and value not in ("", [])}


def kept(product: Product) -> Kept:
    """What memory keeps of a product."""
    price = "" if product.price is None else str(product.price)
    texts = {
        "name": product.name,
        "sku": product.sku,
        "variant": product.variant,
        "brand": product.brand,
        "category": product.category,
        "price": price,
        "image": product.image_url,
        "url": product.url,
    }
    return {name: text for name, text in texts.items() if text}


def recalled(key: LineKey, texts: Kept) -> Product:
    """A product as memory kept it."""
    return Product(
        product_id=key[0],
        variant_id=key[1],
        name=texts.get("name", ""),
        sku=texts.get("sku", ""),
        variant=texts.get("variant", ""),
        brand=texts.get("brand", ""),
        category=texts.get("category", ""),
        price=Decimal(texts["price"]) if "price" in texts else None,
        image_url=texts.get("image", ""),
        url=texts.get("url", ""),
    )


def product_properties(product: Product, quantity: int, shop: ShopInfo) -> dict[str, Json]:
    """A product, flat, as the specification has it; `variant` is always there, as on order lines."""
    currency = shop.default_currency
    price = None if product.price is None else rounded(product.price, currency.digits)
    return present(
        {
            "product_id": str(product.product_id),
            "prestashop_product_id": str(product.product_id),
            "prestashop_variant_id": str(product.variant_id) if product.variant_id else None,
            "sku": product.sku,
            "name": product.name or f"Product {product.product_id}",
            "variant": product.variant or str(product.variant_id or product.product_id),
            "brand": product.brand,
            "category": product.category,
            "price": price,
            "price_basis": CATALOGUE if price is not None else None,
            "currency": currency.iso if price is not None else None,
            "quantity": quantity,
            "value": rounded(price * quantity, currency.digits) if price is not None else None,
            "tags": list(product.tags),
            "url": product.url,
            "image_url": product.image_url,
        }
    )


def line_properties(line: CartLine, position: int, shop: ShopInfo) -> dict[str, Json]:
    """A line of a cart, in an event that lists them all."""
    found = product_properties(line.product, line.quantity, shop) | {"position": position}
    return {name: value for name, value in found.items() if name not in ("value", "price_basis")}


def cart_properties(cart: CartFacts) -> dict[str, Json]:
    """Which cart it is."""
    return present(
        {
            "cart_id": str(cart.cart_id),
            "affiliation": cart.shop.name,
            "source_name": WEB if cart.has_visitor else BACK_OFFICE,
            "email": cart.customer.email if cart.customer else None,
            "prestashop_customer_id_xcommerce": str(cart.customer_id) if cart.customer_id else None,
        }
    )


def content(cart: CartFacts) -> dict[str, Json]:
    """What is in the cart, and what it is worth by the catalogue."""
    currency = cart.shop.default_currency
    known = [(line.product.price, line.quantity) for line in cart.lines if line.product.price is not None]
    value = sum((rounded(price, currency.digits) * quantity for price, quantity in known), Decimal(0))
    return present(
        {
            "products": [line_properties(line, place, cart.shop) for place, line in enumerate(cart.lines, 1)],
            "quantity": sum(line.quantity for line in cart.lines),
            "value": rounded(value, currency.digits),
            "price_basis": CATALOGUE,
            "currency": currency.iso,
            "coupon": coupons(cart),
        }
    )


def coupons(cart: CartFacts) -> str:
    """The codes in the cart, comma separated; a rule without a code by its name."""
    return ",".join(coupon.code or coupon.name for coupon in cart.coupons if coupon.code or coupon.name)


def coupon_properties(coupon: Coupon) -> dict[str, Json]:
    """A coupon, and what its rule grants: how much that is for a cart, PHP works out."""
    return present(
        {
            "coupon_id": str(coupon.rule_id),
            "coupon_name": coupon.name or coupon.code,
            "coupon": coupon.code,
            "discount": rounded(coupon.amount, 2) if coupon.amount else None,
            "currency": coupon.currency if coupon.amount else None,
            "discount_percent": rounded(coupon.percent, 2) if coupon.percent else None,
            "free_shipping": True if coupon.is_shipping_free else None,
        }
    )
