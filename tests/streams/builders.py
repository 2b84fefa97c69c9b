"""Facts for tests: a small shop and orders that add up, each detail changeable."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from poller.core.events import Event
from poller.core.policy import Policy
from poller.streams.customers import CustomerFacts
from poller.streams.orders.derive import derive
from poller.streams.orders.facts import HistoryRow, LedgerOrder, Line, OrderFacts, Slip, SlipLine
from poller.streams.outcome import Outcome
from poller.streams.shops import Currency, OrderState, ShopInfo

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
POLICY = Policy(namespace=UUID("00000000-0000-4000-8000-000000000001"), disabled=frozenset({"Order Updated"}))
EVERYTHING = replace(POLICY, disabled=frozenset())

# Not the stock numbers: a shop that was upgraded has others, so nothing may depend on them.
CHEQUE, PAID, PREPARED, CANCELED, REFUNDED, ERROR, BACKORDER_PAID, GONE = 31, 32, 33, 36, 37, 38, 39, 99
EUR, USD, JPY, KWD = 1, 2, 3, 4

SHOP = ShopInfo(
    shop_id=1,
    name="Example Shop",
    url="https://shop.example.com/",
    default_currency=Currency("EUR", 2),
    currencies={EUR: Currency("EUR", 2), USD: Currency("USD", 2), JPY: Currency("JPY", 0), KWD: Currency("KWD", 3)},
    states={
        CHEQUE: OrderState("Awaiting check", is_logable=False, is_paid=False),
        PAID: OrderState("Payment accepted", is_logable=True, is_paid=True),
        PREPARED: OrderState("In preparation", is_logable=True, is_paid=True),
        CANCELED: OrderState("Canceled", is_logable=False, is_paid=False),
        REFUNDED: OrderState("Refunded", is_logable=False, is_paid=False),
        ERROR: OrderState("Payment error", is_logable=False, is_paid=False),
        BACKORDER_PAID: OrderState("On backorder (paid)", is_logable=False, is_paid=True),
    },
    canceled=frozenset({CANCELED}),
    refunded=frozenset({REFUNDED}),
    error=frozenset({ERROR}),
)

ANNA = CustomerFacts(
    customer_id=4,
    shop_id=1,
    email="anna@example.com",
    first_name="Anna",
    last_name="Example",
    added_at=NOON - timedelta(days=400),
    updated_at=NOON - timedelta(days=400),
)


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def history(*states: int, first_id: int = 100, employee_id: int = 0) -> tuple[HistoryRow, ...]:
    """One row a minute."""
    return tuple(
        HistoryRow(first_id + i, state, employee_id, NOON + timedelta(minutes=i)) for i, state in enumerate(states)
    )


def line(line_id: int = 1, *, quantity: int = 2, unit: str = "10.00", **changes: Any) -> Line:
    """A line at 20 % tax."""
    excl, incl = Decimal(unit), Decimal(unit) * Decimal("1.2")
    whole = Line(
        line_id=line_id,
        product_id=line_id + 10,
        variant_id=0,
        name=f"Thing {line_id}",
        sku=f"T-{line_id}",
        variant="",
        brand="Brand",
        category="Category",
        quantity=quantity,
        unit_tax_excl=excl,
        unit_tax_incl=incl,
        total_tax_excl=excl * quantity,
        total_tax_incl=incl * quantity,
        list_price_tax_excl=excl,
        refunded_tax_incl=Decimal(0),
        refunded_quantity=0,
    )
    return replace(whole, **changes)


def order(*states: int, lines: Sequence[Line] | None = None, **changes: Any) -> OrderFacts:
    """An order that went through these states: two things at 10.00, shipping of 5.00, 20 % tax, 30.00 in all."""
    bought = (line(),) if lines is None else tuple(lines)
    excl = sum((one.total_tax_excl for one in bought), Decimal(0))
    incl = sum((one.total_tax_incl for one in bought), Decimal(0))
    rows = changes.pop("history", history(*states))
    last = rows[-1].state_id if rows else 0
    whole = OrderFacts(
        order_id=17,
        reference="ABCDEFGHI",
        shop=SHOP,
        cart_id=30,
        customer_id=4,
        currency_id=EUR,
        conversion_rate=Decimal(1),
        state_id=last,
        is_valid=last in SHOP.states and SHOP.states[last].is_logable,
        payment="Bank transfer",
        module="ps_wirepayment",
        carrier="Carrier",
        products_tax_excl=excl,
        products_tax_incl=incl,
        discounts_tax_excl=Decimal(0),
        discounts_tax_incl=Decimal(0),
        shipping_tax_excl=Decimal("5.00"),
        shipping_tax_incl=Decimal("6.00"),
        wrapping_tax_excl=Decimal(0),
        wrapping_tax_incl=Decimal(0),
        total_tax_incl=incl + Decimal("6.00"),
        added_at=NOON,
        updated_at=rows[-1].at if rows else NOON,
        lines=bought,
        history=rows,
        customer=ANNA,
    )
    return replace(whole, **changes)


def slip(slip_id: int, total: str, at: datetime, *, shipping: str = "0", lines: Sequence[SlipLine] = ()) -> Slip:
    """A credit slip of that much for products, tax included."""
    incl = Decimal(total)
    excl = (incl / Decimal("1.2")).quantize(Decimal("0.000001"))
    given = lines or ((SlipLine(1, 1, excl, incl),) if incl else ())
    return Slip(
        slip_id=slip_id,
        at=at,
        products_tax_excl=excl,
        products_tax_incl=incl,
        shipping_tax_excl=(Decimal(shipping) / Decimal("1.2")).quantize(Decimal("0.000001")),
        shipping_tax_incl=Decimal(shipping),
        lines=tuple(given),
    )


def ledger(*orders: OrderFacts) -> tuple[LedgerOrder, ...]:
    """The customer's ledger as the shop edge would load it."""
    return tuple(
        LedgerOrder(
            order_id=one.order_id,
            is_valid=one.is_valid,
            state_id=one.state_id,
            net=one.total_tax_incl / one.conversion_rate,
            history=one.history,
            refunds=tuple((s.slip_id, s.at, s.total / one.conversion_rate) for s in one.slips),
        )
        for one in orders
    )


def look(facts: OrderFacts, memory: str | None = None, *, now: datetime = LATER, policy: Policy = POLICY) -> Outcome:
    return derive(now, facts, memory, policy=policy)


def told(outcome: Outcome, name: str | None = None) -> list[Event]:
    """The track calls, or those of one name."""
    return [event for event in outcome.events if event.call == "track" and name in (None, event.name)]


def products(event: Event) -> Any:
    """The product lines of an event, to be looked into."""
    return event.properties["products"]


def names(outcome: Outcome) -> list[str]:
    return [event.name for event in told(outcome)]


def facts_of(outcome: Outcome) -> list[str]:
    return [event.fact for event in told(outcome)]
