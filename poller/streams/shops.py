"""What the shop is: its shops, currencies and order states, as the operator configured them in PrestaShop."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from poller.core.shops import ShopSet


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency (`currency`); `digits` is its precision."""

    iso: str
    digits: int


@dataclass(frozen=True, slots=True)
class OrderState:
    """An order state's name and flags (`order_state`); merchants edit them, modules add and delete states."""

    name: str
    is_logable: bool
    is_paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopInfo:
    """One shop of the installation, with what all its orders share.

    States are known by their role in the configuration (`PS_OS_CANCELED`, …), never by number: the numbers differ
    between versions. A deleted state or currency is simply missing here. `counted` are the shops whose orders count
    for its customers' lifetime counters: those of a group that shares customers, else the shop alone.
    `logs_page_views`: the module statsdata notes each visitor's pages (`PS_STATSDATA_CUSTOMER_PAGESVIEWS`).
    `has_legacy_images`: pictures lie in one directory, named by product (`PS_LEGACY_IMAGES`).
    """

    shop_id: int
    name: str
    url: str
    default_currency: Currency
    currencies: Mapping[int, Currency]
    states: Mapping[int, OrderState]
    canceled: frozenset[int]
    refunded: frozenset[int]
    error: frozenset[int]
    counted: ShopSet = field(default_factory=ShopSet)
    logs_page_views: bool = False
    has_legacy_images: bool = False

    def currency(self, currency_id: int) -> Currency | None:
        """The currency, if the shop still has it."""
        return self.currencies.get(currency_id)

    def state_name(self, state_id: int) -> str | None:
        """The state's name in the shop's default language."""
        state = self.states.get(state_id)
        return state.name if state else None
