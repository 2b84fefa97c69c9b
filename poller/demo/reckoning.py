"""The reckoning: what the shop did against what arrived, fact by fact, amount by amount."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from poller.demo.beside import BESIDE
from poller.demo.book import Deed, FactKind
from poller.demo.receiver import Arrival

SALES: tuple[FactKind, ...] = ("completed", "cancelled", "refunded", "identify")
KINDS: Mapping[str, FactKind] = {
    "Order Completed": "completed",
    "Order Cancelled": "cancelled",
    "Order Refunded": "refunded",
}


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """What must agree: the kind, the order or customer it is about, and the money or the traits."""

    kind: str
    key: str
    detail: str


@dataclass(frozen=True, slots=True)
class Tally:
    """One kind of fact: how many the shop made, how many arrived, and how long they took."""

    done: int
    arrived: int
    missing: Sequence[Fact]
    unexpected: Sequence[Fact]
    delays: Sequence[timedelta]


def owed(deeds: Sequence[Deed]) -> dict[Fact, list[Deed]]:
    """The facts that must arrive, each with the deeds that made it.

    Of a customer only the last identify counts, since two edits between two looks are one fact; of one who is deleted
    nothing is owed.
    """
    found: dict[Fact, list[Deed]] = defaultdict(list)
    people: dict[int, Deed] = {}
    for deed in deeds:
        if deed.act == "deleted":
            people.pop(deed.customer_id or 0, None)
        elif deed.kind == "identify":
            people[deed.customer_id or 0] = deed
        elif deed.kind is None:
            continue
        elif deed.kind in BESIDE:
            found[Fact(deed.kind, deed.subject, deed.detail)].append(deed)
        else:
            found[Fact(deed.kind, f"order {deed.order_id}", f"{deed.amount:.2f} {deed.currency}")].append(deed)
    gone = {deed.customer_id for deed in deeds if deed.act == "deleted"}
    for fact in [fact for fact, made in found.items() if made[0].customer_id in gone]:
        del found[fact]
    for deed in people.values():
        found[_person(str(deed.customer_id), deed.traits)].append(deed)
    return found


def fact_of(message: Mapping[str, Any]) -> Fact | None:
    """The fact a message tells; None for other messages."""
    if message["type"] == "identify":
        return _person(str(message["userId"]), message["traits"])
    name = message.get("event") or message["type"]
    if name in BESIDE:
        recognised = BESIDE[name](message)
        return Fact(name, *recognised) if recognised else None
    kind = KINDS.get(name)
    if kind is None:
        return None
    told = message["properties"]
    amount = Decimal(str(told["total"]))
    return Fact(kind, f"order {told['order_id']}", f"{amount:.2f} {told['currency']}")


def _person(key: str, traits: Mapping[str, Any]) -> Fact:
    street = traits.get("street") or traits.get("address", {}).get("street", "")
    names = ("email", "firstName", "lastName", "newsletter")
    return Fact("identify", f"customer {key}", ", ".join([*(str(traits.get(name)) for name in names), street]))


def missing(deeds: Sequence[Deed], arrivals: Iterable[Arrival], *, kinds: Sequence[FactKind] = SALES) -> list[Fact]:
    """The facts that have not arrived, or not often enough."""
    return [fact for tally in reckon(deeds, arrivals, kinds=kinds).values() for fact in tally.missing]


def reckon(
    deeds: Sequence[Deed], arrivals: Iterable[Arrival], *, kinds: Sequence[FactKind] = SALES
) -> dict[FactKind, Tally]:
    """The tally of each kind of fact; a message that came again with the same id counts once."""
    due = owed(deeds)
    gone = {f"customer {deed.customer_id}" for deed in deeds if deed.act == "deleted"}
    first: dict[str, Arrival] = {}
    for arrival in arrivals:
        first.setdefault(arrival.message["messageId"], arrival)
    came: dict[Fact, list[Arrival]] = defaultdict(list)
    for arrival in first.values():
        fact = fact_of(arrival.message)
        if fact is not None and (fact.kind != "identify" or fact in due) and fact.key not in gone:
            came[fact].append(arrival)
    return {kind: _tally(kind, due, came) for kind in kinds}


def _tally(kind: str, due: Mapping[Fact, Sequence[Deed]], came: Mapping[Fact, Sequence[Arrival]]) -> Tally:
    expected = Counter({fact: len(deeds) for fact, deeds in due.items() if fact.kind == kind})
    arrived = Counter({fact: len(arrivals) for fact, arrivals in came.items() if fact.kind == kind})
    if kind == "identify":
        # Each order event brings an identify of its own: told once or often, it is told.
        arrived = Counter(set(arrived))
    delays = [
        arrival.at - deed.at
        for fact in expected
        for deed, arrival in zip(due[fact], _since(due[fact], came.get(fact, ())), strict=False)
    ]
    return Tally(
        done=expected.total(),
        arrived=arrived.total(),
        missing=sorted((expected - arrived).elements()),
        unexpected=sorted((arrived - expected).elements()),
        delays=sorted(delays),
    )


def _since(deeds: Sequence[Deed], arrivals: Sequence[Arrival]) -> list[Arrival]:
    """The arrivals that can be of these deeds: none that came before the first of them was done."""
    return [arrival for arrival in arrivals if arrival.at >= deeds[0].at]
