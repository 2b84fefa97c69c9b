"""Orders, derived: every event the order's present facts prove, each with the time it happened."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import blake2b

from poller.core.events import Event, Json
from poller.core.feeds import Feed
from poller.core.money import ZERO, rounded, tolerance
from poller.core.policy import Policy
from poller.streams.described import IDENTIFY
from poller.streams.orders import memory as memories
from poller.streams.orders.amounts import currency_of
from poller.streams.orders.buyers import buyer, excluded_of
from poller.streams.orders.coupons import EVENTS as COUPON_EVENTS
from poller.streams.orders.coupons import coupon_events, has_other_coupons, note_coupons
from poller.streams.orders.described import CANCELLED, COMPLETED, ORDER_EVENTS, REFUNDED
from poller.streams.orders.facts import OrderFacts
from poller.streams.orders.lifetime import AsOf, counters
from poller.streams.orders.memory import OrderMemory, SilentRefund, SilentState
from poller.streams.orders.products import lines_add_up
from poller.streams.orders.properties import content, identity, money, order_properties, present
from poller.streams.orders.refunds import Refund, point_of, refunds, uncovered
from poller.streams.orders.transitions import Transition, completion, entered, transitions
from poller.streams.orders.updates import EVENTS as UPDATE_EVENTS
from poller.streams.orders.updates import UPDATED, edited_at, is_edited, note_updates, updates
from poller.streams.outcome import Outcome, Stream, forget

LONGEST_PAUSE = timedelta(minutes=10)
EARLIER_TOTALS = 8
FEEDS = (
    Feed(name="orders", thing="order", kind="tail", permanent=True),
    Feed(name="order_history", thing="order", kind="tail", permanent=True),
    Feed(name="order_slip", thing="order", kind="tail", permanent=True),
    Feed(name="order_payment", thing="order", kind="tail"),
)


def derive(now: datetime, facts: OrderFacts, memory: str | None, *, policy: Policy) -> Outcome:
    """Completed, updated, cancelled and refunded, as far as the facts and the memory of earlier looks prove it."""
    remembered = _look(now, facts, memories.load(memory) if memory else None, policy.settle)
    quiet = now - remembered.changed_at
    settles_at = remembered.changed_at + policy.settle
    excluded = excluded_of(facts, policy)
    if excluded and facts.customer is None and quiet < policy.settle:
        return Outcome(memory=memories.dump(remembered), again=settles_at)
    if excluded:
        reason, is_final = excluded
        return Outcome(exclude=(facts.customer_id, reason) if is_final else None)
    adds_up = _adds_up(facts)
    if facts.state_id == 0 and not facts.history:
        return _wait(now, facts, replace(remembered, is_waiting=True))
    if quiet < policy.settle and not adds_up:
        return Outcome(memory=memories.dump(remembered), again=settles_at)
    is_settled = quiet >= policy.settle
    again = settles_at if not is_settled and _moves(facts, remembered, policy) else None
    if is_settled and _is_ahead(facts, remembered):
        remembered = _note_silent(now, facts, remembered)
    if UPDATED not in policy.disabled:
        remembered = note_updates(facts, remembered, is_settled=is_settled)
    remembered = note_coupons(facts, remembered, at=edited_at(facts, remembered), is_settled=is_settled)
    seen = transitions(facts, remembered.silent_states)
    flags: dict[str, Json] = {} if adds_up else {"unsettled": True}
    events = tuple(_events(facts, seen, remembered, policy=policy, flags=flags))
    return Outcome(events=events, memory=memories.dump(_keep(facts, seen, remembered)), again=again)


def _look(now: datetime, order: OrderFacts, before: OrderMemory | None, settle: timedelta) -> OrderMemory:
    """Compare with the last look, and date the change by the database's clock.

    At first sight the order's own stamps date it, so that old orders need not settle again. Changes that follow one
    another before they settle are one.
    """
    text = repr(
        (
            order.state_id,
            order.is_valid,
            order.total_tax_incl,
            order.products_tax_excl,
            order.products_tax_incl,
            [(line.line_id, line.quantity, line.total_tax_incl, line.refunded_tax_incl) for line in order.lines],
            [row.history_id for row in order.history],
            [(slip.slip_id, slip.total, len(slip.lines)) for slip in order.slips],
            [voucher.rule_id for voucher in order.vouchers],
            order.tracking_numbers,
        )
    )
    fingerprint = blake2b(text.encode(), digest_size=8).hexdigest()
    if before is None:
        stamps = [order.updated_at, *(row.at for row in order.history), *(slip.at for slip in order.slips)]
        last = max((stamp for stamp in stamps if stamp), default=now)
        return OrderMemory(fingerprint, min(last, now), looked_at=now, total=order.total_tax_incl)
    if before.fingerprint == fingerprint:
        return before
    was = before.was
    if before.total not in (None, order.total_tax_incl):
        was = (*was, before.total)[-EARLIER_TOTALS:]
    is_still_moving = before.looked_before and now - before.changed_at < settle
    return replace(
        before,
        fingerprint=fingerprint,
        changed_at=now,
        is_waiting=False,
        looked_at=now,
        looked_before=before.looked_before if is_still_moving else before.looked_at,
        total=order.total_tax_incl,
        was=was,
    )


def _adds_up(order: OrderFacts) -> bool:
    slips_whole = all(slip.lines or slip.products_tax_incl == ZERO for slip in order.slips)
    return slips_whole and lines_add_up(order, tolerance(len(order.lines)))


def _wait(now: datetime, order: OrderFacts, memory: OrderMemory) -> Outcome:
    """An order that is still being placed, or whose checkout crashed: look again for ever, ever less often.

    Whatever revives it writes a history row, which its feed sees at once; this look is only the second net.
    """
    age = now - (order.added_at or now)
    return Outcome(memory=memories.dump(memory), again=now + max(min(age / 100, LONGEST_PAUSE), timedelta(0)))


def _moves(order: OrderFacts, memory: OrderMemory, policy: Policy) -> bool:
    """Whether it shows what must stand for a while before it is told."""
    was_edited = UPDATED not in policy.disabled and is_edited(order, memory)
    return was_edited or has_other_coupons(order, memory) or _is_ahead(order, memory)


def _is_ahead(order: OrderFacts, memory: OrderMemory) -> bool:
    """Whether the order shows a state, or refunds, that nothing recorded and memory does not know yet."""
    return _unrecorded_state(order, memory) or uncovered(order, memory.silent_refunds) > ZERO


def _unrecorded_state(order: OrderFacts, memory: OrderMemory) -> bool:
    last_id = order.history[-1].history_id if order.history else 0
    last_state = order.history[-1].state_id if order.history else 0
    if memory.silent_states and memory.silent_states[-1].after >= last_id:
        last_state = memory.silent_states[-1].state_id
    return order.state_id not in (0, last_state)


def _note_silent(now: datetime, order: OrderFacts, memory: OrderMemory) -> OrderMemory:
    """Remember what nobody recorded, numbered, before it is told."""
    if _unrecorded_state(order, memory):
        last = order.history[-1] if order.history else None
        state = SilentState(
            number=len(memory.silent_states) + 1,
            state_id=order.state_id,
            at=_silently_at(now, order, memory),
            after=last.history_id if last else 0,
        )
        memory = replace(memory, silent_states=(*memory.silent_states, state))
    amount = uncovered(order, memory.silent_refunds)
    if amount > ZERO:
        refund = SilentRefund(len(memory.silent_refunds) + 1, amount, memory.changed_at)
        memory = replace(memory, silent_refunds=(*memory.silent_refunds, refund))
    return memory


def _silently_at(now: datetime, order: OrderFacts, memory: OrderMemory) -> datetime:
    """When a state was set that nobody recorded: by the order's stamp if it moved with it, else when it was noticed."""
    last = order.history[-1] if order.history else None
    stamp, known = order.updated_at, memory.looked_before
    if known is None and last is None:
        stamp = order.added_at
    elif known is None and last:
        known = last.at
    has_moved = stamp is not None and (known is None or stamp > known)
    return min(stamp, now) if stamp and has_moved else memory.changed_at


def _keep(order: OrderFacts, seen: tuple[Transition, ...], memory: OrderMemory) -> OrderMemory:
    """Keep the content of an unpaid order: its lines can be cancelled one by one, until nothing tells what it was."""
    if not order.lines:
        return memory
    states = order.shop.states
    was_paid = any(states[t.state_id].is_paid for t in seen if t.state_id in states)
    if was_paid or order.is_valid or order.state_id in order.shop.canceled | order.shop.refunded:
        return replace(memory, snapshot={})
    return replace(memory, snapshot=content(order))


def _events(
    order: OrderFacts, seen: tuple[Transition, ...], memory: OrderMemory, *, policy: Policy, flags: dict[str, Json]
) -> Iterator[Event]:
    completed = completion(order, seen, policy.completed_when)
    if completed:
        properties = (
            order_properties(order) if order.lines or not memory.snapshot else identity(order) | dict(memory.snapshot)
        )
        properties |= {"revenue": properties["subtotal"], **flags}
        fact = _Fact("completed", completed.at, point_of(completed))
        yield from _told(order, COMPLETED, fact, properties, policy)
        since = seen[seen.index(completed) :]
        for transition, before in entered(since[1:], order.shop.canceled):
            yield from _cancelled(order, transition, before or completed, memory, policy=policy, flags=flags)
        for update in updates(order, since, memory) if UPDATED not in policy.disabled else ():
            fact = _Fact(f"updated/{update.name}", update.at, update.point)
            yield from _told(order, UPDATED, fact, {**update.properties, **flags}, policy)
        yield from coupon_events(order, memory, policy)
    for refund in refunds(order, seen, memory.silent_refunds):
        yield from _refunded(order, refund, policy=policy, flags=flags)


def _cancelled(
    order: OrderFacts,
    transition: Transition,
    before: Transition,
    memory: OrderMemory,
    *,
    policy: Policy,
    flags: dict[str, Json],
) -> Iterator[Event]:
    state = order.shop.states.get(before.state_id)
    reason = "cancelled after payment" if state and (state.is_paid or state.is_logable) else "cancelled before payment"
    kept = {} if order.lines else dict(memory.snapshot)
    properties = identity(order) | (kept or content(order))
    properties |= {"reason": reason, "cancel_reason": reason, **flags}
    fact = _Fact(f"cancelled/{transition.name}", transition.at, point_of(transition))
    yield from _told(order, CANCELLED, fact, properties, policy)


def _refunded(order: OrderFacts, refund: Refund, *, policy: Policy, flags: dict[str, Json]) -> Iterator[Event]:
    whole = rounded(order.total_tax_incl, currency_of(order).digits)
    refunded = refund.before + refund.amounts.total
    properties = present(
        {
            **identity(order),
            **money(order, refund.amounts),
            **refund.properties,
            "refund_reason": refund.reason,
            "order_total": whole,
            "refunded_total": refunded,
            "is_full_refund": refunded >= whole,
            "over_refunded": True if refunded > whole else None,
            **flags,
        }
    )
    yield from _told(order, REFUNDED, _Fact(f"refunded/{refund.name}", refund.at, refund.point), properties, policy)


@dataclass(frozen=True, slots=True)
class _Fact:
    """What an event tells: its name within the order, when it happened, and where in the customer's history."""

    name: str
    at: datetime
    point: AsOf


def _told(order: OrderFacts, name: str, fact: _Fact, properties: dict[str, Json], policy: Policy) -> Iterator[Event]:
    """The identify call that goes with an order event, then the event itself; both with the counters as of it."""
    if name in policy.disabled:
        return
    counted = counters(order, fact.point)
    who = buyer(order, policy)
    total = properties["total"]
    event = Event(
        fact=f"order/{order.order_id}/{fact.name}",
        call="track",
        name=name,
        thing="order",
        key=order.order_id,
        occurred_at=fact.at,
        who=who,
        properties=properties | counted,
        shop_id=order.shop.shop_id,
        amount=total if isinstance(total, Decimal) else None,
        currency=currency_of(order).iso,
    )
    if who.user_id and "identify" not in policy.disabled:
        lifetime = {"customerLifetimeValue": counted["lifetime_revenue_xcommerce"]} if counted else {}
        yield replace(
            event,
            fact=f"{event.fact}/identify",
            call="identify",
            name="identify",
            properties=counted | lifetime,
            amount=None,
            currency=None,
        )
    yield event


ORDERS = Stream(
    thing="order",
    feeds=FEEDS,
    derive=derive,
    gone=forget,
    emits=(*ORDER_EVENTS, *UPDATE_EVENTS, *COUPON_EVENTS, IDENTIFY),
    unremarkable=memories.unremarkable,
)
