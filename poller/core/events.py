"""An event: one fact about the shop, in Segment's words, before it becomes a message."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

Json: TypeAlias = str | int | float | bool | Decimal | Sequence["Json"] | Mapping[str, "Json"]
"""What a property may hold. Absent is absent: there is no null. Decimals become JSON numbers in the message."""

Call: TypeAlias = Literal["track", "identify", "page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Whom an event is about.

    `customer_id` is PrestaShop's `id_customer` (None for an anonymous cart); erasing that customer purges the event.
    `traits` are the customer's traits as far as they are known; where they are put is the sender's affair.
    """

    user_id: str | None = None
    anonymous_id: str | None = None
    customer_id: int | None = None
    traits: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.user_id and not self.anonymous_id:
            raise ValueError("an event needs a userId or an anonymousId")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One fact, told once: `fact` names it for ever (`order/17/completed`) and makes its messageId.

    `name` is the name in Segment's specification (`Order Completed`; `identify` for identify calls).
    `occurred_at` is aware UTC. `properties` are a track call's properties, or an identify call's own traits beside
    those of `who`. `amount` (in `currency`) is what the ledger remembers for the audit; None where there is no money.
    `context` stands beside what the message's context has of itself (a campaign).
    """

    fact: str
    call: Call
    name: str
    thing: str
    key: int
    occurred_at: datetime
    who: Who
    properties: Mapping[str, Json]
    shop_id: int = 1
    amount: Decimal | None = None
    currency: str | None = None
    context: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.occurred_at.tzinfo is None:
            raise ValueError(f"{self.fact}: naive time inside the poller")
