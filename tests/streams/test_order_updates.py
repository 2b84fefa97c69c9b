"""Order Updated: what is told of an order after it was completed, and what is not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from poller.core.events import Event
from poller.streams.orders.facts import OrderFacts
from poller.streams.outcome import Outcome
from tests.streams.builders import (
    CHEQUE,
    EVERYTHING,
    PAID,
    POLICY,
    PREPARED,
    facts_of,
    line,
    minutes,
    order,
    told,
)
from tests.streams.builders import look as look_by_default

look = partial(look_by_default, policy=EVERYTHING)


def updated(outcome: Outcome) -> list[Event]:
    return told(outcome, "Order Updated")


def settled(facts: OrderFacts, memory: str | None, *, now: datetime) -> Outcome:
    """Noticed, and looked at again when it had stood."""
    noticed = look(facts, memory, now=now)
    return look(facts, noticed.memory, now=now + POLICY.settle)


def changes(events: Sequence[Event]) -> list[Any]:
    return [event.properties["changed"] for event in events]


def test_every_state_after_the_first_is_told_with_the_one_before() -> None:
    events = updated(look(order(CHEQUE, PAID, PREPARED)))
    assert [event.fact for event in events] == ["order/17/updated/history/101", "order/17/updated/history/102"]
    assert [event.occurred_at for event in events] == [minutes(1), minutes(2)]
    assert [(e.properties["previous_order_status"], e.properties["order_status"]) for e in events] == [
        ("Awaiting check", "Payment accepted"),
        ("Payment accepted", "In preparation"),
    ]
    assert events[0].properties["total"] == Decimal("30.00")
    assert "revenue" not in events[0].properties, "only Order Completed is booked"


def test_the_same_state_twice_is_no_update() -> None:
    """A payment provider that calls twice."""
    assert len(updated(look(order(CHEQUE, PAID, PAID)))) == 1


def test_it_is_off_where_the_operator_did_not_ask_and_remembers_nothing() -> None:
    before = look_by_default(order(CHEQUE))
    after = look_by_default(order(CHEQUE, PAID, tracking_numbers=("T1",)), before.memory)
    assert updated(after) == []
    assert '"content"' not in after.memory


def test_switched_on_later_it_tells_no_edit_of_before() -> None:
    before = look_by_default(order(CHEQUE))
    assert updated(look(order(CHEQUE, lines=(line(), line(2))), before.memory)) == []


def test_a_tracking_number_is_told_when_it_is_noticed() -> None:
    before = look(order(PAID), now=minutes(10))
    sent = order(PAID, tracking_numbers=("T1",))
    (event,) = updated(look(sent, before.memory, now=minutes(20)))
    assert event.fact == "order/17/updated/tracking_number/1"
    assert event.occurred_at == minutes(20)
    assert (event.properties["changed"], event.properties["tracking_number"]) == ("tracking_number", "T1")


def test_what_only_memory_knows_keeps_its_name_and_time() -> None:
    before = look(order(PAID), now=minutes(10))
    first = look(order(PAID, tracking_numbers=("T1",)), before.memory, now=minutes(20))
    again = look(order(PAID, tracking_numbers=("T1",)), first.memory, now=minutes(30))
    assert again.events == first.events
    second = look(order(PAID, tracking_numbers=("T2",)), again.memory, now=minutes(40))
    assert facts_of(second)[1:] == ["order/17/updated/tracking_number/1", "order/17/updated/tracking_number/2"]


def test_an_edit_is_dated_by_the_save() -> None:
    before = look(order(PAID), now=minutes(10))
    edited = order(PAID, lines=(line(), line(2)), updated_at=minutes(15))
    (event,) = updated(settled(edited, before.memory, now=minutes(20)))
    assert (event.fact, event.occurred_at) == ("order/17/updated/content/1", minutes(15))
    assert event.properties["total"] == Decimal("54.00")


def test_an_edit_that_no_save_dates_is_told_as_of_when_it_was_noticed() -> None:
    """The stamp that stands there is the last state's: a statement that sets none, an ERP's."""
    before = look(order(PAID), now=minutes(10))
    edited = order(PAID, lines=(line(), line(2)))
    assert edited.updated_at == minutes(0)
    (event,) = updated(settled(edited, before.memory, now=minutes(20)))
    assert event.occurred_at == minutes(20)


def test_an_order_that_lost_all_its_lines_is_no_edit() -> None:
    """It was cancelled line by line, and that is told."""
    before = look(order(PAID), now=minutes(10))
    emptied = order(PAID, lines=(), shipping_tax_incl=Decimal(0), total_tax_incl=Decimal(0), updated_at=minutes(15))
    assert updated(settled(emptied, before.memory, now=minutes(20))) == []


def test_an_edit_and_a_state_at_once_are_two_updates() -> None:
    before = look(order(CHEQUE), now=minutes(10))
    edited = order(CHEQUE, PAID, lines=(line(quantity=1),))
    assert changes(updated(settled(edited, before.memory, now=minutes(20)))) == ["status", "content"]


def test_a_half_written_edit_waits() -> None:
    before = look(order(PAID), now=minutes(10))
    half = replace(order(PAID), lines=(line(), line(2)))
    assert updated(look(half, before.memory, now=minutes(20))) == []


def test_an_edit_that_adds_up_halfway_is_told_once_and_whole() -> None:
    """The line's quantity is written first, its price and the order's totals by later statements."""
    before = look(order(PAID), now=minutes(10))
    half = replace(order(PAID), lines=(replace(line(), quantity=1),))
    noticed = look(half, before.memory, now=minutes(20))
    assert updated(noticed) == []
    assert noticed.again == minutes(20) + POLICY.settle, "and it is looked at again"
    whole = order(PAID, lines=(line(quantity=1),), updated_at=minutes(20.1))
    (event,) = updated(settled(whole, noticed.memory, now=minutes(20.1)))
    assert (event.fact, event.properties["total"]) == ("order/17/updated/content/1", whole.total_tax_incl)


def test_an_edit_that_is_taken_back_before_it_stood_is_none() -> None:
    before = look(order(PAID), now=minutes(10))
    edited = look(order(PAID, lines=(line(), line(2))), before.memory, now=minutes(20))
    back = settled(order(PAID), edited.memory, now=minutes(20.1))
    assert updated(back) == []


def test_first_sight_is_no_update() -> None:
    assert updated(look(order(PAID, tracking_numbers=("T1",)))) == []


def test_the_last_line_s_end_is_a_cancellation_not_an_update() -> None:
    before = look(order(CHEQUE), now=minutes(10))
    emptied = order(
        CHEQUE, lines=(), shipping_tax_excl=Decimal(0), shipping_tax_incl=Decimal(0), total_tax_incl=Decimal(0)
    )
    assert updated(look(emptied, before.memory, now=minutes(20))) == []
