"""The oracle's part about people: who was told of, as they are, and no oftener than they changed."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from tests.torture.verdicts import Difference

_FIELDS = ("email", "firstName", "lastName", "newsletter", "street")


@dataclass(frozen=True, slots=True)
class Told:
    """An accepted message, read."""

    identity: str
    type: str
    name: str
    body: str
    happened: datetime
    arrived: datetime
    message: Mapping[str, Any]

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> Self:
        """Read one line of arrivals."""
        message = line["message"]
        rest = {name: value for name, value in message.items() if name not in {"messageId", "sentAt"}}
        return cls(
            identity=message["messageId"],
            type=message["type"],
            name=message.get("event", message["type"]),
            body=json.dumps(rest, sort_keys=True),
            happened=moment(message["timestamp"]),
            arrived=moment(line["at"]),
            message=message,
        )

    @property
    def properties(self) -> Mapping[str, Any]:
        """A track call's properties, an identify call's traits."""
        found: Mapping[str, Any] = self.message.get("properties") or self.message.get("traits") or {}
        return found

    @property
    def money(self) -> str:
        """The total and its currency."""
        return f"{self.number('total'):.2f} {self.properties.get('currency')}"

    @property
    def pieces(self) -> int:
        """How many its lines hold."""
        return sum(int(product["quantity"]) for product in self.properties.get("products", ()))

    def number(self, name: str) -> Decimal:
        """An amount, 0 where there is none."""
        return Decimal(str(self.properties.get(name, 0)))

    @property
    def traits(self) -> dict[str, Any]:
        """What it says of a customer, as the log says it."""
        street = self.properties.get("street") or self.properties.get("address", {}).get("street", "")
        return {**{name: self.properties.get(name) for name in _FIELDS[:-1]}, "street": street}


def moment(text: str) -> datetime:
    """A time, as both files write it."""
    return datetime.fromisoformat(text)


def differences_of_people(deeds: Sequence[Mapping[str, Any]], distinct: Sequence[Told]) -> Iterable[Difference]:
    """Everybody was told of as they are now; nothing was said that was never so; each order event has its identify."""
    versions: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    gone: set[str] = set()
    for deed in deeds:
        key = str(deed.get("customer_id"))
        if deed.get("kind") == "identify":
            versions[key].append(deed["traits"])
        elif deed["act"] == "deleted":
            gone.add(key)
    told: dict[str, list[Told]] = defaultdict(list)
    for one in distinct:
        if one.type == "identify":
            told[str(one.message.get("userId"))].append(one)
    for key in sorted({*versions, *told}):
        yield from _one_person(key, versions.get(key, []), told.get(key, []), is_gone=key in gone)
    yield from _company(distinct)


def _one_person(
    key: str, versions: Sequence[Mapping[str, Any]], told: Sequence[Told], *, is_gone: bool
) -> Iterable[Difference]:
    if versions and not is_gone and all(one.traits != versions[-1] for one in told):
        yield Difference("missing", f"customer {key}", f"never told as they are now: {versions[-1]}")
    ever = {name: {version[name] for version in versions} for name in _FIELDS}
    # Between two statements an address is gone and the next one not there yet.
    ever["street"].add("")
    for one in told:
        wrong = [name for name, value in one.traits.items() if value not in ever[name]]
        if wrong:
            what = "wrong traits" if versions else "invented"
            yield Difference(what, f"customer {key}", f"{', '.join(wrong)} was never so: {one.traits}")
    yield from _too_often(key, versions, told)


def _too_often(key: str, versions: Sequence[Mapping[str, Any]], told: Sequence[Told]) -> Iterable[Difference]:
    """Calls of the customer's own (those of an order or a cart have its anonymous id): one a change, at most."""
    own = Counter(json.dumps(one.traits, sort_keys=True) for one in told if not one.message.get("anonymousId"))
    logged = Counter(json.dumps(dict(version), sort_keys=True) for version in versions)
    for traits, count in own.items():
        most = logged[traits] or len(versions)
        if count > most:
            yield Difference("two ids", f"customer {key}", f"told {count} times, so {most} times: {traits}")


def _company(distinct: Sequence[Told]) -> Iterable[Difference]:
    """Each event of an order comes with an identify call of the same moment, for the same two ids."""

    def key(one: Told) -> tuple[Any, ...]:
        return (one.message.get("userId"), one.message.get("anonymousId"), one.happened)

    calls = Counter(key(one) for one in distinct if one.type == "identify" and one.message.get("anonymousId"))
    for one in distinct:
        if one.name.startswith("Order ") and one.message.get("userId"):
            calls[key(one)] -= 1
            if calls[key(one)] < 0:
                yield Difference("missing", f"order {one.properties['order_id']} identify", f"with {one.name}")
