"""Custom events: a table that some module keeps, row by row, told as the operator's settings and SQL say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from poller.core.events import Event, Json, Who
from poller.core.feeds import Feed
from poller.core.identity import anonymous_id
from poller.core.money import rounded
from poller.core.policy import Policy
from poller.core.vocabulary import EventType, Group, Kind, Property
from poller.streams.customers import CustomerFacts, exclusion, traits, user_id
from poller.streams.outcome import Outcome, Stream, forget
from poller.streams.shops import Currency

FOLDER: Final = "custom/"
"""What the names of their feeds and statements begin with."""

MARK, STAMP = "mark_id", "stamp"
WHO = ("customer_id", "cart_id", "guest_id")
META = (MARK, STAMP, *WHO, "shop_id", "currency_id")
"""Columns that say which row it is, when, whose and where; all others become properties."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomEvent:
    """What the settings say of one.

    `columns` are those of its statement. `properties` gives columns another name; `ids` are sent as text, `money` is
    rounded to the digits of its currency. `clock` says who dates the rows: PHP in the shop's zone, or the database.
    """

    name: str
    event: str
    group: Group
    clock: Literal["shop", "database"] = "shop"
    columns: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()
    money: frozenset[str] = frozenset()
    reads: str = ""

    def property_of(self, column: str) -> str:
        """The property that a column becomes."""
        return self.properties.get(column, column)

    def is_id(self, column: str) -> bool:
        """Whether a column is an id: said to be one, or named like one, as PrestaShop names them."""
        return column in self.ids or column.startswith("id_") or column.endswith("_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomFacts:
    """A row of the operator's statement, with whom it is about.

    `stamp` is its date as the table holds it: with the id it names the row for ever, for such tables are emptied, and
    their ids begin again. `customer` is None when it is nobody's, or the customer is gone.
    """

    custom: CustomEvent
    row_id: int
    stamp: str
    at: datetime | None
    shop_id: int
    customer_id: int
    customer: CustomerFacts | None
    cart_id: int
    guest_id: int
    currency: Currency
    values: Mapping[str, Json | None]


def derive(now: datetime, facts: CustomFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """The one event of a row; none of a customer of whom nothing is sent. Without a date it happened when noticed."""
    del memory
    custom = facts.custom
    if facts.customer is None and facts.customer_id:
        return Outcome()
    if facts.customer and exclusion(facts.customer, policy):
        return Outcome()
    event = Event(
        fact=f"{FOLDER}{custom.name}/{facts.row_id}/{facts.stamp}",
        call="track",
        name=custom.event,
        thing=custom.name,
        key=facts.row_id,
        occurred_at=min(facts.at or now, now),
        who=_who(facts, policy),
        properties=_properties(facts),
        shop_id=facts.shop_id,
    )
    return Outcome(events=(event,))


def _properties(facts: CustomFacts) -> dict[str, Json]:
    custom, found = facts.custom, dict[str, Json]()
    for column, value in facts.values.items():
        if value is None or value == "":
            continue
        name = custom.property_of(column)
        if column in custom.money:
            found[name] = rounded(Decimal(str(value)), facts.currency.digits)
            found.setdefault("currency", facts.currency.iso)
        elif custom.is_id(column):
            found |= {name: str(value)} if value else {}
        else:
            found[name] = value
    return found


def _who(facts: CustomFacts, policy: Policy) -> Who:
    """The customer, and the anonymous visitor whose cart it was; of nobody's rows, all have one id."""
    customer = facts.customer
    known = user_id(customer, policy.user_id) if customer else None
    origin = f"cart/{facts.cart_id}" if facts.cart_id else f"guest/{facts.guest_id}" if facts.guest_id else ""
    anonymous = anonymous_id(policy.namespace, origin) if origin else None
    if not known and not anonymous:
        whose = f"customer/{facts.customer_id}" if facts.customer_id else f"{FOLDER}{facts.custom.name}"
        anonymous = anonymous_id(policy.namespace, whose)
    return Who(
        user_id=known,
        anonymous_id=anonymous,
        customer_id=facts.customer_id or None,
        traits=traits(customer) if customer else {},
    )


def stream_of(custom: CustomEvent) -> Stream:
    """The stream of a custom event: one feed, which is its statement too."""
    feed = Feed(name=f"{FOLDER}{custom.name}", thing=custom.name, kind="tail", optional=True, is_emptied=True)
    return Stream(
        thing=custom.name, feeds=(feed,), derive=derive, gone=forget, emits=(described(custom),), is_logbook=True
    )


def described(custom: CustomEvent) -> EventType:
    """The event as the catalogue lists it."""
    properties = [_property(custom, column) for column in custom.columns if column not in META]
    if custom.money and "currency" not in {one.name for one in properties}:
        rule = "`currency_id` of the row, else the shop's default currency"
        properties.append(Property(name="currency", kind="string", meaning="ISO code", source=rule, absent="no money"))
    return EventType(
        name=custom.event,
        group=custom.group,
        one_for=f"row of custom event {custom.name}",
        happened="the row's `stamp`",
        properties=tuple(properties),
    )


def _property(custom: CustomEvent, column: str) -> Property:
    kind: Kind = "number" if column in custom.money else "string" if custom.is_id(column) else "any"
    return Property(
        name=custom.property_of(column),
        kind=kind,
        meaning=f"column {column} of the operator's statement",
        source=f"`{column}`",
        absent="the column is NULL or empty",
    )
