"""The addresses of products as the shop itself writes them, by its friendly route.

The rules are those of PrestaShop's Dispatcher and Link (default_routes, createUrl, getLangLink).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Row

from poller.shop.values import as_int, as_text

RULE, FRIENDLY, LEGACY_IMAGES = "PS_ROUTE_product_rule", "PS_REWRITING_SETTINGS", "PS_LEGACY_IMAGES"
DEFAULTS: Final = (
    ((9, 0), "{id}{-:id_product_attribute}-{rewrite}.html"),
    ((1, 7), "{category:/}{id}{-:id_product_attribute}-{rewrite}{-:ean13}.html"),
    ((0,), "{category:/}{id}-{rewrite}{-:ean13}.html"),
)
"""PrestaShop's own rule from a version on, where the merchant has not written another."""
KNOWN: Final = frozenset({"id", "id_product_attribute", "rewrite", "ean13", "category"})
"""The words of a rule that the poller can fill in; with any other the address is told in the plain form."""
_WORD = re.compile(
    r"\{(?:(?P<before>[^{}]*?):)?"
    r"(?P<word>id_product_attribute|id|rewrite|ean13|category|categories|manufacturer|supplier|price|tags|reference"
    r"|meta_keywords|meta_title)"
    r"(?::(?P<after>[^{}]*))?\}"
)


@dataclass(frozen=True, slots=True)
class ProductPage:
    """What an address is made of: the product's and its default category's texts for it, and its EAN."""

    rewrite: str = ""
    category: str = ""
    ean13: str = ""


@dataclass(frozen=True, slots=True)
class ProductRoute:
    """A shop's rule, `{category:/}{id}-{rewrite}.html`; `languages` gives the beginning of the path in each of them."""

    rule: str
    languages: Mapping[int, str]

    def path(self, product_id: int, variant_id: int, page: ProductPage, lang_id: int) -> str | None:
        """The path below the shop's own; None where the rule or the product lacks what it takes."""
        if lang_id not in self.languages or not page.rewrite:
            return None
        values = {
            "id": str(product_id),
            "id_product_attribute": str(variant_id or ""),
            "rewrite": page.rewrite,
            "ean13": page.ean13.strip("0") and page.ean13,
            "category": page.category,
        }
        words = [match["word"] for match in _WORD.finditer(self.rule)]
        if not KNOWN.issuperset(words) or "id" not in words:
            return None

        def fill(match: re.Match[str]) -> str:
            value = values[match["word"]]
            return f"{match['before'] or ''}{value}{match['after'] or ''}" if value else ""

        path = _WORD.sub(fill, self.rule)
        return None if "{" in path else quote(f"{self.languages[lang_id]}{path}", safe="/-_.~+")


def default_rule(is_at_least: Any) -> str:
    """PrestaShop's own rule; `is_at_least(9, 0)` says whether it is of that version."""
    return next(rule for version, rule in DEFAULTS if version == (0,) or is_at_least(*version))


def path_beginnings(rows: Iterable[Row[Any]], shop_id: int) -> dict[int, str]:
    """By language: `en/` where the shop has several, nothing where it has one; none if they cannot be read."""
    codes = {as_int(row.id_lang): as_text(row.iso_code) for row in rows if row.id_shop == shop_id}
    return {key: f"{code}/" if len(codes) > 1 else "" for key, code in codes.items()}
