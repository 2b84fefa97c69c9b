"""Loading products as the catalogue shows them, with its own price: what carts and wishlists refer to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from poller.shop.catalogue import Catalogue, load_catalogue
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.values import as_money, as_text
from poller.streams.carts.facts import Product
from poller.streams.shops import ShopInfo


@dataclass(frozen=True, slots=True)
class Shelves:
    """Products and combinations: texts and pictures, and price and reference by key and shop (0: any)."""

    catalogue: Catalogue
    products: Mapping[tuple[int, int], tuple[Decimal, str]]
    variants: Mapping[tuple[int, int], tuple[Decimal, str]]

    def product(self, product_id: int, variant_id: int, shop: ShopInfo) -> Product:
        """A product as that shop shows it; one that is deleted has its ids and no more."""
        name, brand, category = self.catalogue.text(product_id, shop.shop_id)
        price, sku = self.products.get((product_id, shop.shop_id)) or self.products.get((product_id, 0)) or (None, "")
        impact, variant_sku = (
            self.variants.get((variant_id, shop.shop_id)) or self.variants.get((variant_id, 0)) or (Decimal(0), "")
        )
        return Product(
            product_id=product_id,
            variant_id=variant_id,
            name=name,
            sku=variant_sku or sku,
            variant=self.catalogue.variants.get(variant_id, ""),
            brand=brand,
            category=category,
            price=None if price is None else price + impact,
            image_url=self.catalogue.image_url(product_id, shop),
            url=self.catalogue.product_url(product_id, variant_id, shop) if name else "",
            tags=self.catalogue.tags.get(product_id, ()),
        )


def load_shelves(session: Session, keys: Iterable[tuple[int, int]], *, reference: Reference) -> Shelves:
    """The products and combinations of these keys."""
    wanted = set(keys)
    products = sorted({product for product, _ in wanted} - {0})
    variants = sorted({variant for _, variant in wanted} - {0})
    return Shelves(
        catalogue=load_catalogue(session, products=products, variants=variants, customizations=(), reference=reference),
        products=_prices(session, "load/product_prices", products),
        variants=_prices(session, "load/variant_prices", variants),
    )


def _prices(session: Session, statement: str, ids: list[int]) -> dict[tuple[int, int], tuple[Decimal, str]]:
    found: dict[tuple[int, int], tuple[Decimal, str]] = {}
    for row in session.rows_in(statement, ids):
        price = as_money(row.price), as_text(row.reference)
        found[row[0], row.id_shop or 0] = price
        found.setdefault((row[0], 0), price)
    return found
