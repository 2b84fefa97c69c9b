"""What should have been told of an order, worked out from its rows alone; written a second time, on purpose.

`streams.orders` says what is sent. Nothing of it is used here, so that a fault in it shows as a difference.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from poller.core.money import ZERO, rounded
from poller.core.policy import CompletedWhen
from poller.engine.audit.books import AuditedOrder, Issued, Step

COMPLETED, CANCELLED, REFUNDED = "Order Completed", "Order Cancelled", "Order Refunded"
HISTORY, SLIPS = "order_history", "order_slip"
UNRECORDED = 2**62
"""The place in an order's history of a state that no row records: after all rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A fact the rows prove. `at` is None for one that no row dates; `feed` and `row_id` name the row that does."""

    name: str
    at: datetime | None
    amount: Decimal
    feed: str = ""
    row_id: int = 0


def expected(order: AuditedOrder, completed_when: CompletedWhen) -> list[Expected]:
    """Every completion, cancellation and refund that the order's rows prove."""
    steps = list(_steps(order))
    total = rounded(order.total, order.digits)
    completion = _completion(order, steps, completed_when)
    found: list[Expected] = []
    if completion is not None:
        found.append(_by_step(COMPLETED, steps[completion], total))
        found += [_by_step(CANCELLED, step, total) for step in _entries(steps, completion, order.roles.canceled)]
    return found + list(_refunds(order, steps, total))


def _steps(order: AuditedOrder) -> Iterator[Step]:
    """The order's states; one that it shows and its history does not comes last."""
    at = order.added_at
    for step in order.steps:
        at = step.at or at
        yield Step(step.row_id, step.state_id, at)
    recorded = order.steps[-1].state_id if order.steps else 0
    if order.state_id not in (0, recorded):
        yield Step(UNRECORDED, order.state_id, None if order.steps else order.added_at)


def _by_step(name: str, step: Step, amount: Decimal) -> Expected:
    if step.row_id == UNRECORDED:
        return Expected(name=name, at=step.at, amount=amount)
    return Expected(name=name, at=step.at, amount=amount, feed=HISTORY, row_id=step.row_id)


def _completion(order: AuditedOrder, steps: list[Step], when: CompletedWhen) -> int | None:
    """Which step completed the order."""
    if when == "paid":
        return next((place for place, step in enumerate(steps) if step.state_id in order.roles.counting), None)
    good = (place for place, step in enumerate(steps) if step.state_id not in order.roles.error)
    return next((place for place in good if place == 0 or steps[place].state_id not in order.roles.canceled), None)


def _entries(steps: list[Step], after: int, states: frozenset[int]) -> Iterator[Step]:
    """The steps after that place that lead into one of the states from another one."""
    for place in range(after + 1, len(steps)):
        before = steps[place - 1].state_id if place else 0
        if steps[place].state_id in states and before not in states:
            yield steps[place]


def _refunds(order: AuditedOrder, steps: list[Step], total: Decimal) -> Iterator[Expected]:
    """Slips as issued; what the counters say beyond them; and what the refunded state leaves over."""
    on_slips = sum((rounded(slip.total, order.digits) for slip in order.slips), ZERO)
    given = silent = rounded(min(order.uncovered, max(total - on_slips, ZERO)), order.digits)
    if silent:
        yield Expected(name=REFUNDED, at=None, amount=silent)
    for moment, what in _occasions(order, steps):
        if isinstance(what, Issued):
            amount = rounded(what.total, order.digits)
            yield Expected(name=REFUNDED, at=moment, amount=amount, feed=SLIPS, row_id=what.slip_id)
        else:
            amount = max(total - given, ZERO)
            if given and not amount:
                continue
            yield _by_step(REFUNDED, what, amount)
        given += amount


def _occasions(order: AuditedOrder, steps: list[Step]) -> list[tuple[datetime, Issued | Step]]:
    """Slips and entries into the refunded state, by time; in one second slips first, and what no row dates last."""
    found: list[tuple[datetime, int, int, Issued | Step]] = []
    at = order.added_at
    for slip in order.slips:
        at = slip.at or at
        if at is not None:
            found.append((at, 0, slip.slip_id, slip))
    latest = max((moment for moment, *_ in found), default=order.updated_at or order.added_at)
    for step in _entries(steps, -1, order.roles.refunded):
        moment = step.at or latest
        if moment is not None:
            found.append((moment, 1, step.row_id, step))
    return [(moment, what) for moment, _, _, what in sorted(found, key=lambda occasion: occasion[:3])]
