"""Parts add up to the total, to the cent, in every currency; on every order event."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from poller.core.money import rounded
from poller.streams.orders.facts import OrderFacts
from tests.streams.builders import (
    CANCELED,
    EUR,
    JPY,
    KWD,
    PAID,
    REFUNDED,
    SHOP,
    USD,
    ledger,
    line,
    look,
    minutes,
    order,
    slip,
    told,
)

amounts = st.decimals(min_value=0, max_value=99_999_999, places=6)
"""PrestaShop keeps six places, whatever the currency shows."""


@st.composite
def orders(draw: st.DrawFn) -> OrderFacts:
    """Orders of any amounts, some of them absurd: parts need not fit together in the shop."""
    states = draw(st.sampled_from([(PAID,), (PAID, CANCELED), (PAID, REFUNDED), (PAID, CANCELED, REFUNDED)]))
    slips = [
        slip(number, str(draw(amounts)), minutes(draw(st.integers(0, 9))), shipping=str(draw(amounts)))
        for number in range(draw(st.integers(0, 3)))
    ]
    sizes = st.tuples(amounts, st.integers(0, 9))
    lines = [line(n, unit=str(unit), quantity=count) for n, (unit, count) in enumerate(draw(st.lists(sizes)), 1)]
    facts = order(
        *states,
        lines=lines,
        slips=tuple(slips),
        currency_id=draw(st.sampled_from([EUR, USD, JPY, KWD])),
        conversion_rate=draw(st.sampled_from([Decimal(0), Decimal(1), Decimal("1.084200"), Decimal("0.007")])),
        total_tax_incl=draw(amounts),
        discounts_tax_excl=draw(amounts),
        shipping_tax_excl=draw(amounts),
        wrapping_tax_excl=draw(amounts),
    )
    return replace(facts, ledger=ledger(replace(facts, conversion_rate=facts.conversion_rate or Decimal(1))))


@given(facts=orders())
@settings(deadline=None)
def test_total_is_subtotal_and_shipping_and_tax_and_wrapping(facts: OrderFacts) -> None:
    events = told(look(facts))
    assert events
    digits = SHOP.currencies[facts.currency_id].digits
    for event in events:
        parts = [Decimal(str(event.properties.get(name, 0))) for name in ("subtotal", "shipping", "tax", "wrapping")]
        total = Decimal(str(event.properties["total"]))
        assert sum(parts, Decimal(0)) == total
        assert all(rounded(part, digits) == part for part in (total, *parts))


@given(facts=orders())
@settings(deadline=None)
def test_what_is_inferred_never_gives_back_more_than_was_paid(facts: OrderFacts) -> None:
    digits = SHOP.currencies[facts.currency_id].digits
    whole = rounded(facts.total_tax_incl, digits)
    for event in told(look(facts), "Order Refunded"):
        total = event.properties["total"]
        assert isinstance(total, Decimal)
        if "credit_slip_id" not in event.properties:
            assert Decimal(0) <= total <= whole


@given(amount=amounts, digits=st.integers(0, 6))
def test_rounding_is_half_up_and_never_a_negative_zero(amount: Decimal, digits: int) -> None:
    result = rounded(amount, digits)
    assert abs(result - amount) * 2 <= Decimal(1).scaleb(-digits)
    assert not rounded(-amount * 0, digits).is_signed()
    assert rounded(Decimal("0.125"), 2) == Decimal("0.13")
