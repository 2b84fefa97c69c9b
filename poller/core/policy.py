"""Policy: what the operator chose, as far as deriving depends on it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from poller.core.shops import ShopSet

CompletedWhen: TypeAlias = Literal["placed", "paid"]
UserIdSource: TypeAlias = Literal["customer_id", "email_hash", "custom", "anonymous"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserId:
    """How a customer becomes Segment's userId; `prefixes` are those of shops that have one of their own."""

    source: UserIdSource = "customer_id"
    prefix: str = ""
    hash: Literal["sha256", "md5"] = "sha256"
    prefixes: Mapping[int, str] = field(default_factory=dict)

    def prefix_of(self, shop_id: int) -> str:
        """What stands before the id of a customer who registered in that shop."""
        return self.prefixes.get(shop_id, self.prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What deriving depends on beside the facts.

    `first_run` is when the poller first ran here: rows whose dates an upgrade may have rewritten are not believed from
    before it. `internal` holds e-mail addresses (lower case) and customer ids (as text) of whom nothing is sent;
    `disabled` the specification names of events that are switched off. `shops` are the shops whose events are sent.
    """

    namespace: UUID
    completed_when: CompletedWhen = "placed"
    settle: timedelta = timedelta(seconds=15)
    cart_settle: timedelta = timedelta(seconds=10)
    user_id: UserId = field(default_factory=UserId)
    internal: frozenset[str] = frozenset()
    first_run: datetime | None = None
    disabled: frozenset[str] = frozenset()
    shops: ShopSet = field(default_factory=ShopSet)


@dataclass(frozen=True, slots=True)
class Window:
    """The facts a lane owes: those that happened at `since` or later, and before `until`."""

    since: datetime
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether the lane owes a fact of that moment."""
        return self.since <= moment and (self.until is None or moment < self.until)
