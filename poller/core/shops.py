"""Which shops of an installation something is meant for, and the Segment source their messages go to."""

from dataclasses import dataclass, field
from typing import Final

DEFAULT: Final = "default"
"""The source of every shop that names none of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSet:
    """Some shops by their ids: `only` those, or, where that is None, all `but` these."""

    only: frozenset[int] | None = None
    but: frozenset[int] = frozenset()

    def holds(self, shop_id: int) -> bool:
        """Whether a shop is one of them."""
        return shop_id not in self.but and (self.only is None or shop_id in self.only)


@dataclass(frozen=True, slots=True)
class Source:
    """A source in Segment as the outbox knows it: a name and the shops whose messages go there; never its key."""

    name: str = DEFAULT
    shops: ShopSet = field(default_factory=ShopSet)


EVERY_SHOP: Final = Source()
