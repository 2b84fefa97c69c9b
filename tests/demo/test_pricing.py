"""The demo shop's money: PrestaShop's identities hold of every order it can make, to the cent."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from poller.demo.pricing import ZERO, Carrier, Currency, Item, Offer, Taxed, Voucher, cents, totals

prices = st.decimals("0.01", "999.999999", places=6)
rates = st.sampled_from([Decimal(1), Decimal("1.095"), Decimal("0.83")])
vouchers = st.none() | st.builds(
    Voucher,
    rule_id=st.just(1),
    name=st.just("v"),
    percent=st.sampled_from([Decimal(0), Decimal(10), Decimal(100)]),
    amount=st.just(Decimal(0)),
    is_shipping_free=st.booleans(),
)


@given(
    lines=st.lists(st.tuples(prices, st.integers(1, 9)), min_size=1, max_size=5),
    rate=rates,
    shipping=st.sampled_from([Decimal(0), Decimal("5.90")]),
    voucher=vouchers | st.just(Voucher(2, "five off", amount=Decimal(5))),
    is_wrapped=st.booleans(),
)
def test_what_is_paid_is_the_sum_of_its_parts(
    lines: list[tuple[Decimal, int]], rate: Decimal, shipping: Decimal, voucher: Voucher | None, is_wrapped: bool
) -> None:
    items = [Item(Offer(number, 0, "p", "r", price), count, rate) for number, (price, count) in enumerate(lines)]
    order = totals(
        items, currency=Currency(1, "EUR", rate), carrier=Carrier(1, shipping), voucher=voucher, is_wrapped=is_wrapped
    )
    for side in ("net", "gross"):
        parts = [getattr(part, side) for part in (order.products, order.shipping, order.wrapping)]
        paid = getattr(order.paid, side)
        assert paid == sum(parts) - getattr(order.discounts, side)
        assert paid >= 0
        assert all(amount == cents(amount) for amount in (*parts, paid))
    assert order.products == Taxed(
        sum((item.total for item in items), ZERO), sum((item.total_with_tax for item in items), ZERO)
    )
    if voucher and voucher.percent == 100 and voucher.is_shipping_free and not is_wrapped:
        assert order.paid == Taxed()


def test_a_line_is_rounded_once_as_the_shop_does_by_line() -> None:
    item = Item(Offer(1, 0, "p", "r", Decimal("19.12")), 2, Decimal(1))
    assert (item.unit_with_tax, item.total, item.total_with_tax) == (
        Decimal("22.944000"),
        Decimal("38.24"),
        Decimal("45.89"),
    )
