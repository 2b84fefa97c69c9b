"""One order's expected facts against what was told of it: what belongs together, and what is left over."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, TypeAlias

from poller.core.money import rounded
from poller.engine.audit.books import Noted, Told
from poller.engine.audit.rules import Expected

Fate: TypeAlias = Literal[
    "delivered",
    "pending",
    "buried",
    "dropped",
    "excluded",
    "under way",
    "missing",
    "wrong amount",
    "twice",
    "unfounded",
]
"""What became of a fact. The last four are differences; `excluded` and `under way` carry their reason."""

DIFFERENCES: frozenset[Fate] = frozenset({"missing", "wrong amount", "twice", "unfounded"})

_CENTS = 2
_NEAR = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One fact: when, for how much by the shop's rows and as told (hundredths), and what became of it."""

    name: str
    fate: Fate
    at: datetime
    shop_minor: int | None = None
    told_minor: int | None = None
    reason: str = ""
    delivered_at: datetime | None = None
    occurred_at: datetime | None = None

    @property
    def is_difference(self) -> bool:
        """Whether the shop and what was told disagree."""
        return self.fate in DIFFERENCES


def minor(amount: Decimal) -> int:
    """An amount in hundredths, as the ledger keeps it whatever the currency."""
    return int(amount.scaleb(_CENTS).to_integral_value(ROUND_HALF_UP))


def judge(
    expected: Sequence[Expected],
    told: Sequence[Told],
    *,
    noted: Noted,
    digits: int,
    now: datetime,
    absence: Callable[[Expected], tuple[Fate, str]],
) -> list[Verdict]:
    """Pair facts and messages of each name; `absence` says what it means that a fact has no message."""
    found: list[Verdict] = []
    for name in dict.fromkeys([*(fact.name for fact in expected), *(message.name for message in told)]):
        facts = [fact for fact in expected if fact.name == name]
        messages = sorted((m for m in told if m.name == name), key=lambda m: (m.occurred_at, m.standing != "delivered"))
        pairs, lone_facts, lone_messages = _paired(facts, messages)
        found += [_pair(fact, message, noted=noted, digits=digits, now=now) for fact, message in pairs]
        found += [_absent(fact, now=now, absence=absence) for fact in lone_facts]
        found += [_left_over(message, [m for _, m in pairs], noted) for message in lone_messages]
    return found


_Pairs: TypeAlias = list[tuple[Expected, Told]]


def _paired(facts: list[Expected], messages: list[Told]) -> tuple[_Pairs, list[Expected], list[Told]]:
    """First those that agree in time and amount, then in time, then in amount, then whatever is left, in order."""
    pairs: _Pairs = []
    facts, messages = list(facts), list(messages)
    for agrees in (_in_both, _in_time, _in_amount, _in_name):
        for fact in list(facts):
            message = next((m for m in messages if agrees(fact, m)), None)
            if message is not None:
                pairs.append((fact, message))
                facts.remove(fact)
                messages.remove(message)
    return pairs, facts, messages


def _in_time(fact: Expected, message: Told) -> bool:
    return fact.at is not None and fact.at.replace(microsecond=0) == message.occurred_at.replace(microsecond=0)


def _in_amount(fact: Expected, message: Told) -> bool:
    return minor(fact.amount) == message.amount_minor


def _in_both(fact: Expected, message: Told) -> bool:
    return _in_time(fact, message) and _in_amount(fact, message)


def _in_name(fact: Expected, message: Told) -> bool:
    return fact.name == message.name


def _pair(fact: Expected, message: Told, *, noted: Noted, digits: int, now: datetime) -> Verdict:
    verdict = Verdict(
        name=fact.name,
        fate=message.standing,
        at=fact.at or message.occurred_at or now,
        shop_minor=minor(fact.amount),
        told_minor=message.amount_minor,
        reason=message.reason,
        delivered_at=message.delivered_at,
        occurred_at=message.occurred_at,
    )
    if _in_amount(fact, message) or message.amount_minor is None:
        return verdict
    earlier = {minor(rounded(total, digits)) for total in noted.totals}
    if earlier and (message.amount_minor in earlier or fact.name == "Order Refunded"):
        return replace(verdict, reason="the order was changed after it was told")
    return replace(verdict, fate="wrong amount")


def _absent(fact: Expected, *, now: datetime, absence: Callable[[Expected], tuple[Fate, str]]) -> Verdict:
    fate, reason = absence(fact)
    return Verdict(name=fact.name, fate=fate, at=fact.at or now, shop_minor=minor(fact.amount), reason=reason)


def _left_over(message: Told, paired: Sequence[Told], noted: Noted) -> Verdict:
    """A message without a fact: told twice, told of what no row records, or without any ground."""
    verdict = Verdict(
        name=message.name,
        fate="unfounded",
        at=message.occurred_at,
        told_minor=message.amount_minor,
        reason=message.reason,
        delivered_at=message.delivered_at,
        occurred_at=message.occurred_at,
    )
    same = (message.occurred_at, message.amount_minor)
    if any((other.occurred_at, other.amount_minor) == same for other in paired):
        return replace(verdict, fate="twice")
    if any(abs(at - message.occurred_at) < _NEAR for at in noted.silent):
        return replace(verdict, fate=message.standing, reason="noticed without a row that records it")
    return verdict
