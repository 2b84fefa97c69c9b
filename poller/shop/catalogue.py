"""Loading what the catalogue says of products: names in one language, brands, pictures; all of it may be gone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from poller.shop.addresses import ProductPage, ProductRoute
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.values import as_text
from poller.streams.shops import ShopInfo


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Product texts by product and shop; variants by combination."""

    lang_id: int = 0
    routes: Mapping[int, ProductRoute] = field(default_factory=dict)
    texts: dict[tuple[int, int], tuple[str, str, str]] = field(default_factory=dict)
    pages: dict[tuple[int, int], ProductPage] = field(default_factory=dict)
    variants: dict[int, str] = field(default_factory=dict)
    images: dict[int, int] = field(default_factory=dict)
    tags: dict[int, tuple[str, ...]] = field(default_factory=dict)
    customizations: dict[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def text(self, product_id: int, shop_id: int) -> tuple[str, str, str]:
        """Name, brand and category in that shop, else in any; empty for a deleted product."""
        return self.texts.get((product_id, shop_id)) or self.texts.get((product_id, 0)) or ("", "", "")

    def image_url(self, product_id: int, shop: ShopInfo) -> str:
        """The cover image, in the form that needs neither language nor rewriting (Image::getImgFolderStatic).

        In the old layout all pictures lie in one directory, named by product and picture.
        """
        image = self.images.get(product_id)
        if not image or not shop.url:
            return ""
        name = f"{product_id}-{image}" if shop.has_legacy_images else f"{'/'.join(str(image))}/{image}"
        return f"{shop.url}img/p/{name}-large_default.jpg"

    def product_url(self, product_id: int, variant_id: int, shop: ShopInfo) -> str:
        """The product's page as the shop writes its address, else in the form that every version resolves."""
        if not shop.url:
            return ""
        route = self.routes.get(shop.shop_id)
        page = self.pages.get((product_id, shop.shop_id)) or self.pages.get((product_id, 0)) or ProductPage()
        path = route.path(product_id, variant_id, page, self.lang_id) if route else None
        return f"{shop.url}{path or f'index.php?controller=product&id_product={product_id}'}"


def load_catalogue(
    session: Session,
    *,
    products: Sequence[int],
    variants: Sequence[int],
    customizations: Sequence[int],
    reference: Reference,
) -> Catalogue:
    """Everything the lines of a page of orders refer to."""
    lang_id = reference.lang_id
    texts: dict[tuple[int, int], tuple[str, str, str]] = {}
    pages: dict[tuple[int, int], ProductPage] = {}
    for row in session.rows_in("load/products", products, lang_id=lang_id):
        text = (as_text(row.name), as_text(row.brand), as_text(row.category))
        texts[row.id_product, row.id_shop or 0] = text
        texts.setdefault((row.id_product, 0), text)
        if reference.routes:
            page = ProductPage(as_text(row.link_rewrite), as_text(row.category_rewrite), as_text(row.ean13))
            pages[row.id_product, row.id_shop or 0] = page
            pages.setdefault((row.id_product, 0), page)
    names: dict[int, list[str]] = defaultdict(list)
    for row in session.rows_in("load/variants", variants, lang_id=lang_id):
        names[row.id_product_attribute].append(as_text(row.name))
    tags: dict[int, list[str]] = defaultdict(list)
    for row in session.rows_in("load/product_tags", products, lang_id=lang_id):
        tags[row.id_product].append(as_text(row.name))
    written: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row in session.rows_in("load/customizations", customizations, lang_id=lang_id):
        written[row.id_customization].append((as_text(row.name) or f"field {row.field_id}", as_text(row.value)))
    return Catalogue(
        lang_id=lang_id,
        routes=reference.routes,
        texts=texts,
        pages=pages,
        variants={key: " / ".join(filter(None, parts)) for key, parts in names.items()},
        images={row.id_product: row.id_image for row in session.rows_in("load/product_images", products)},
        tags={key: tuple(values) for key, values in tags.items()},
        customizations={key: tuple(values) for key, values in written.items()},
    )
