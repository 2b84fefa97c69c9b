"""Why a thing was told as it was: each fact with the rows that prove it, its message, and what became of that."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from poller.core.events import Event
from poller.core.identity import message_id
from poller.core.policy import Policy, Window
from poller.streams.outcome import Outcome

ROWS: Mapping[str, str] = {
    "history": "order_history",
    "slip": "order_slip",
    "silent": "no row: the state was seen on the order itself, and noted",
    "counters": "no row: the lines' refund counters, and noted",
    "completed": "the order's first state in order_history (or its first paid one)",
    "customer": "customer",
    "cart": "cart",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What the state store says of a message. `at`: when it was delivered, buried, or put into the outbox."""

    standing: str
    at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One fact: how it is named, which rows prove it, what it became."""

    event: str
    fact: str
    proof: str
    occurred_at: datetime
    amount: Decimal | None
    currency: str | None
    message_id: UUID
    standing: str
    at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A thing and all its facts; `remark` says what holds for the whole of it."""

    thing: str
    key: int
    remark: str
    facts: Sequence[Explained]

    def as_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON once dates and ids are text."""
        return asdict(self)


def explain(
    outcome: Outcome,
    *,
    thing: str,
    key: int,
    policy: Policy,
    fates: Mapping[UUID, Fate],
    owed: Sequence[Window],
) -> Explanation:
    """Put together what derive says, what the state store knows, and by which rule the rest was left out."""
    facts = [_explained(event, policy, fates, owed) for event in outcome.events]
    return Explanation(thing=thing, key=key, remark=_remark(outcome, policy), facts=facts)


def _explained(event: Event, policy: Policy, fates: Mapping[UUID, Fate], owed: Sequence[Window]) -> Explained:
    identity = message_id(policy.namespace, event.fact)
    fate = fates.get(identity) or _not_there(event, owed)
    return Explained(
        event=event.name,
        fact=event.fact,
        proof=_proof(event.fact),
        occurred_at=event.occurred_at,
        amount=event.amount,
        currency=event.currency,
        message_id=identity,
        standing=fate.standing,
        at=fate.at,
        reason=fate.reason,
    )


def _not_there(event: Event, owed: Sequence[Window]) -> Fate:
    if not any(window.holds(event.occurred_at) for window in owed):
        return Fate(standing="left out", reason="it happened before start_from; `poller backfill` tells it")
    return Fate(standing="not told yet", reason="the next look tells it, unless something holds it up: `poller status`")


def _proof(fact: str) -> str:
    """The rows behind a fact's name: `order/17/cancelled/history/103`."""
    parts = fact.removesuffix("/identify").split("/")
    for word, number in zip(parts[-2::-1], parts[:0:-1], strict=False):
        if word in ROWS:
            return f"{ROWS[word]} {number}" if " " not in ROWS[word] else ROWS[word]
    return next((ROWS[word] for word in reversed(parts) if word in ROWS), parts[0])


def _remark(outcome: Outcome, policy: Policy) -> str:
    if outcome.exclude:
        return f"Nothing is sent of customer {outcome.exclude[0]}: {outcome.exclude[1]}."
    if not outcome.events and outcome.again:
        return f"Still being written, or it does not add up: looked at again at {outcome.again:%Y-%m-%d %H:%M:%SZ}."
    if not outcome.events:
        return "Its rows prove nothing that is told, or its customer is one of internal_customers."
    return f"Switched off in the settings: {', '.join(sorted(policy.disabled))}." if policy.disabled else ""
