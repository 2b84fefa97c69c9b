"""Products put into a cart and taken out: its lines against what they were, told once a change has stood a while."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from poller.streams.carts.dating import Dates
from poller.streams.carts.facts import CartFacts, CartLine, LineKey
from poller.streams.carts.memory import Kept, LineMemory
from poller.streams.carts.properties import kept

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class LineChange:
    """So many of a product more (or less, if negative), the `number`-th change of that line; `line` is None if gone."""

    key: LineKey
    number: int
    quantity: int
    at: datetime
    line: CartLine | None
    product: Kept


def compare(
    dates: Dates, before: Mapping[LineKey, LineMemory], *, cart_settle: timedelta
) -> tuple[dict[LineKey, LineMemory], list[LineChange], datetime | None]:
    """The lines' new memory, the changes to be told now, and when the next one will have stood long enough.

    A change that is taken back before it stood `cart_settle` is none: so a line that lived less is not told at all. Of
    a cart that was ordered everything is told at once: what was bought was meant.
    """
    present = {line.key: line for line in _lines(dates.cart, dates.ordered_at)}
    after: dict[LineKey, LineMemory] = {}
    changes: list[LineChange] = []
    due: list[datetime] = []
    for key in dict.fromkeys((*present, *before)):
        line, old = present.get(key), before.get(key, LineMemory())
        memory = _look(dates, line, old, is_new=key not in before or old.told == 0)
        if memory.since is not None and (dates.ordered_at or dates.now - memory.since >= cart_settle):
            quantity = (line.quantity if line else 0) - old.told
            number = old.number + 1
            changes.append(LineChange(key, number, quantity, memory.since, line, memory.product))
            memory = replace(memory, told=old.told + quantity, number=number, since=None)
        elif memory.since is not None:
            due.append(memory.since + cart_settle)
        if memory.number or memory.since:
            after[key] = memory if memory.told or memory.since else replace(memory, product={})
    return after, sorted(changes, key=lambda change: change.at), min(due, default=None)


def _look(dates: Dates, line: CartLine | None, old: LineMemory, *, is_new: bool) -> LineMemory:
    difference = (line.quantity if line else 0) - old.told
    product = kept(line.product) if line else old.product
    if difference == 0:
        return replace(old, since=None, product=product)
    if old.since is not None and old.is_more == (difference > 0):
        return replace(old, product=product)
    at = dates.added(line.added_at, is_new=is_new) if line and difference > 0 else dates.noticed()
    return replace(old, since=at, is_more=difference > 0, product=product)


def _lines(cart: CartFacts, ordered_at: datetime | None) -> Iterator[CartLine]:
    """The lines, without what was added after the order: editing an order edits its cart."""
    merged: dict[LineKey, CartLine] = {}
    for line in cart.lines:
        if ordered_at and line.added_at and line.added_at >= ordered_at + SECOND:
            continue
        same = merged.get(line.key)
        merged[line.key] = replace(line, quantity=line.quantity + same.quantity) if same else line
    yield from merged.values()
