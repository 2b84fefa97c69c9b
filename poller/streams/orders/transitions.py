"""The states an order went through: recorded ones from its history, silent ones from memory, in one sequence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from poller.core.policy import CompletedWhen
from poller.streams.orders.facts import OrderFacts
from poller.streams.orders.memory import SilentState


@dataclass(frozen=True, slots=True)
class Transition:
    """The order entered a state. `name` is unique within the order and never changes: part of the event's fact.

    `history_id` is the history row, or for a silent state the newest one before it.
    """

    name: str
    state_id: int
    at: datetime
    history_id: int
    employee_id: int
    is_silent: bool = False


def transitions(order: OrderFacts, silent: tuple[SilentState, ...]) -> tuple[Transition, ...]:
    """All states the order entered, first to last.

    A history row that follows a silent state and names the same state is that state's record, written late: it is
    absorbed, because it is the same fact and was told already.
    """
    return tuple(_sequence(order, silent))


def _sequence(order: OrderFacts, silent: tuple[SilentState, ...]) -> Iterator[Transition]:
    newest = order.added_at
    previous_id = 0
    for row in order.history:
        told = None
        for state in (s for s in silent if previous_id <= s.after < row.history_id):
            told = state.state_id
            yield _silent(state)
        newest = row.at or newest
        if told != row.state_id and newest is not None:
            yield Transition(f"history/{row.history_id}", row.state_id, newest, row.history_id, row.employee_id)
        previous_id = row.history_id
    for state in (s for s in silent if s.after >= previous_id):
        yield _silent(state)


def _silent(state: SilentState) -> Transition:
    return Transition(f"silent/{state.number}", state.state_id, state.at, state.after, 0, is_silent=True)


def completion(order: OrderFacts, seen: tuple[Transition, ...], when: CompletedWhen) -> Transition | None:
    """The transition that completed the order, by the operator's definition; None if there is none yet.

    Placed: the first state it got, unless that was the payment error; then the first one that is neither an error
    nor a cancellation. Paid: the first state that counts as paid or as valid ("On backorder (paid)" is paid, but not
    logable).
    """
    if when == "paid":
        states = order.shop.states
        return next(
            (t for t in seen if t.state_id in states and (states[t.state_id].is_paid or states[t.state_id].is_logable)),
            None,
        )
    first = True
    for transition in seen:
        if transition.state_id in order.shop.error:
            first = False
            continue
        if first or transition.state_id not in order.shop.canceled:
            return transition
    return None


def entered(seen: tuple[Transition, ...], states: frozenset[int]) -> Iterator[tuple[Transition, Transition | None]]:
    """Each transition into one of the states from another state, with the one before it."""
    if seen and seen[0].state_id in states:
        yield seen[0], None
    for before, transition in pairwise(seen):
        if transition.state_id in states and before.state_id not in states:
            yield transition, before
