"""What the audit compares: rows as the shop has them, and what the state store says was told of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Literal, Protocol, TypeAlias

from poller.core.policy import Window

Standing: TypeAlias = Literal["delivered", "pending", "buried", "dropped"]


# ---------------------------------------------------------------- the shop


@dataclass(frozen=True, slots=True)
class Step:
    """The order entered a state: one row of its history."""

    row_id: int
    state_id: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Issued:
    """A credit slip, with what it gave back (tax and shipping included), in the order's currency."""

    slip_id: int
    total: Decimal
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What the order states of a shop mean: by configuration and flags, never by number."""

    canceled: frozenset[int]
    refunded: frozenset[int]
    error: frozenset[int]
    counting: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedOrder:
    """An order as its rows stand; amounts are unrounded, in its currency.

    `uncovered` is what its lines call refunded beyond all slips; `left_out` says why nothing may be sent of its
    customer, empty if it may.
    """

    order_id: int
    shop_id: int
    currency: str
    digits: int
    total: Decimal
    revenue: Decimal
    state_id: int
    added_at: datetime | None
    updated_at: datetime | None
    steps: tuple[Step, ...]
    slips: tuple[Issued, ...]
    uncovered: Decimal
    left_out: str
    roles: Roles


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedCustomer:
    """A customer's row."""

    customer_id: int
    shop_id: int
    added_at: datetime | None
    left_out: str


class Shop(Protocol):
    """The shop's rows, page by page; each page is one consistent view."""

    def now(self) -> datetime:
        """The database's clock."""

    def zone(self) -> tzinfo:
        """The shop's time zone: its days are what a shop's own reports count."""

    def shop_names(self) -> Mapping[int, str]:
        """The installation's shops."""

    def orders(
        self, internal: frozenset[str], *, since: datetime | None = None, told: Iterable[int] = ()
    ) -> Iterator[AuditedOrder]:
        """All of them, by id; `internal` are the addresses and ids of whom nothing is sent.

        With `since` at least those that may have a fact of that moment or later, and those of `told`.
        """

    def customers(self, internal: frozenset[str], *, since: datetime | None = None) -> Iterator[AuditedCustomer]:
        """All of them, or at least those who came since, by id."""


# ---------------------------------------------------------------- the state store


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message the state store knows: delivered, or on its way, or refused. `amount_minor` counts hundredths."""

    name: str
    key: int
    occurred_at: datetime
    standing: Standing
    amount_minor: int | None = None
    currency: str | None = None
    delivered_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """What the poller noted of an order that no row tells: earlier totals, and facts without a row, by their time.

    `is_waiting`: it is to be looked at again.
    """

    totals: tuple[Decimal, ...] = ()
    silent: tuple[datetime, ...] = ()
    is_waiting: bool = False


class Books(Protocol):
    """The state store, in one consistent view."""

    def told(self, thing: str, names: Sequence[str]) -> Iterator[Told]:
        """Every message of those names about things of that kind, in the order of their keys."""

    def noted(self, order_ids: Sequence[int]) -> Mapping[int, Noted]:
        """What is remembered of those orders."""

    def windows(self, thing: str) -> Sequence[Window]:
        """The periods owed of things of that kind: the live lane's, and each finished backfill's."""

    def was_read(self, feed: str, row_id: int) -> bool:
        """Whether the live lane has seen that row of a feed's table."""

    def counts(self) -> Mapping[str, int]:
        """Delivered messages by name."""
