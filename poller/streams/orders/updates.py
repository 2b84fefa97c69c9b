"""Order Updated: the order got another state, another tracking number, or other content, after it was completed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise

from poller.core.events import Json
from poller.core.vocabulary import EventType, Property
from poller.streams.orders.described import CONTENT, DISCOUNTS, MONEY
from poller.streams.orders.facts import OrderFacts
from poller.streams.orders.identity_described import IDENTITY
from poller.streams.orders.lifetime import AsOf
from poller.streams.orders.memory import NumberedUpdate, OrderMemory
from poller.streams.orders.properties import order_properties, present
from poller.streams.orders.refunds import point_of
from poller.streams.orders.transitions import Transition

UPDATED = "Order Updated"
STATUS, TRACKING, EDITED = "status", "tracking_number", "content"

UPDATE_PROPERTIES = (
    Property(
        name="changed",
        kind="string",
        meaning="what is new: `status`, `tracking_number` or `content` (lines, quantities, totals)",
        source="`order_history`, `order_carrier.tracking_number`, `order_detail`, against what was seen before",
    ),
    Property(
        name="previous_order_status",
        kind="string",
        meaning="the name of the state before; `order_status` is that of the new one",
        source="`order_state_lang.name` by `order_history.id_order_state`",
        absent="unless the status changed, or if that state was deleted",
    ),
    Property(
        name="tracking_number",
        kind="string",
        meaning="the parcels' numbers, comma separated",
        source="`order_carrier.tracking_number`",
        absent="without one",
    ),
)
EVENTS = (
    EventType(
        name=UPDATED,
        group="order",
        one_for="entry into another state, change of the tracking number, or edit of lines or totals, once the order "
        "is completed; an edit once it stood `settle`",
        happened="when the state was recorded; of an edit, when the order was saved; of a tracking number, when it was "
        "noticed",
        properties=(*IDENTITY, *MONEY, *CONTENT, *DISCOUNTS, *UPDATE_PROPERTIES),
        is_on=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Update:
    """One change to be told: `name` is unique within the order and never changes."""

    name: str
    at: datetime
    point: AsOf
    properties: Mapping[str, Json]


def is_edited(order: OrderFacts, memory: OrderMemory) -> bool:
    """Whether lines or totals are not what they were when they were last noted.

    An order that lost all its lines was cancelled line by line: that is told as such.
    """
    return bool(memory.content and order.lines) and _content(order) != memory.content


def note_updates(order: OrderFacts, memory: OrderMemory, *, is_settled: bool) -> OrderMemory:
    """Remember, numbered, what differs from the last look and no row dates; at first sight there is nothing to differ.

    An edit is written one statement after another, and may add up halfway: it is noted once nothing moves any more.
    """
    content, tracking = _content(order), ", ".join(order.tracking_numbers)
    if memory.content and not is_settled:
        content = memory.content
    if not order.lines or (content, tracking) == (memory.content, memory.tracking):
        return memory
    found = memory.updates
    if memory.content and content != memory.content:
        found += (NumberedUpdate(len(found) + 1, EDITED, edited_at(order, memory)),)
    if memory.content and tracking != memory.tracking:
        found += (NumberedUpdate(len(found) + 1, TRACKING, memory.changed_at),)
    return replace(memory, content=content, tracking=tracking, updates=found)


def updates(order: OrderFacts, seen: tuple[Transition, ...], memory: OrderMemory) -> Iterator[Update]:
    """Every update since the order was completed; `seen` begins with the completing state."""
    whole = order_properties(order) | present({"tracking_number": ", ".join(order.tracking_numbers)})
    for before, transition in pairwise(seen):
        if before.state_id != transition.state_id:
            names = {
                "previous_order_status": order.shop.state_name(before.state_id),
                "order_status": order.shop.state_name(transition.state_id),
            }
            told = {**whole, **present(names), "changed": STATUS}
            yield Update(transition.name, transition.at, point_of(transition), told)
    for update in memory.updates:
        yield Update(f"{update.what}/{update.number}", update.at, AsOf(update.at), {**whole, "changed": update.what})


def edited_at(order: OrderFacts, memory: OrderMemory) -> datetime:
    """When the order's content became what it is: when it was saved, if a save dates that, else when it was noticed."""
    at = order.updated_at if order.updated_at and _is_later(order.updated_at, order, memory) else None
    return at or memory.changed_at


def _is_later(stamp: datetime, order: OrderFacts, memory: OrderMemory) -> bool:
    """Whether a save dates the edit: one after the last state, and not after it was noticed."""
    last = order.history[-1].at if order.history else order.added_at
    return stamp <= memory.changed_at and (last is None or stamp > last)


def _content(order: OrderFacts) -> str:
    text = repr(
        (
            order.currency_id,
            order.total_tax_incl,
            order.products_tax_excl,
            [(line.line_id, line.quantity, line.total_tax_incl) for line in order.lines],
            [voucher.rule_id for voucher in order.vouchers],
        )
    )
    return blake2b(text.encode(), digest_size=8).hexdigest()
