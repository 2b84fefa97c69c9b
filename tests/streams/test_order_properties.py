"""What an order's lines, coupons and refunds look like in Segment's words, value by value."""

from decimal import Decimal

from poller.streams.orders.amounts import Amounts, share_of
from poller.streams.orders.facts import HistoryRow, SlipLine, Voucher
from poller.streams.orders.refunds import uncovered
from tests.streams.builders import PAID, REFUNDED, history, line, look, minutes, order, products, slip, told

TEN, NOTHING = Decimal("10.00"), Decimal(0)


def test_lines_are_counted_from_one_in_their_order() -> None:
    (event,) = told(look(order(PAID, lines=(line(3), line(1), line(2)))), "Order Completed")
    assert [(entry["sku"], entry["position"]) for entry in products(event)] == [("T-3", 1), ("T-1", 2), ("T-2", 3)]


def test_a_line_says_what_it_cost_with_and_without_tax_and_what_it_was_reduced_from() -> None:
    dear = line(1, unit="10.00", list_price_tax_excl=Decimal("10.01"), variant_id=7, variant="Large")
    plain = line(2, unit="10.00", list_price_tax_excl=TEN)
    (event,) = told(look(order(PAID, lines=(dear, plain))), "Order Completed")
    first, second = products(event)
    assert (first["price"], first["price_tax_incl"], first["presentment_amount"]) == (TEN, Decimal(12), Decimal(12))
    assert first["compare_at_price"] == Decimal("10.01")
    assert "compare_at_price" not in second
    assert (first["prestashop_variant_id"], first["variant"]) == ("7", "Large")
    assert "prestashop_variant_id" not in second


def test_coupons_are_named_by_their_codes_and_their_rules() -> None:
    vouchers = (Voucher(4, "Spring", "SPRING", TEN, TEN), Voucher(5, "Gift", "", NOTHING, NOTHING))
    (event,) = told(look(order(PAID, vouchers=vouchers)), "Order Completed")
    assert (event.properties["coupon"], event.properties["coupon_id"]) == ("SPRING,Gift", "4,5")
    assert products(event)[0]["coupon"] == "SPRING,Gift"


def test_a_refund_of_which_only_the_total_is_known_has_the_orders_proportions() -> None:
    whole = Amounts(total=Decimal(30), subtotal=Decimal(20), shipping=Decimal(5), tax=Decimal(5))
    half = Amounts(total=Decimal(15), subtotal=TEN, shipping=Decimal("2.50"), tax=Decimal("2.50"))
    assert share_of(whole, Decimal(30), 2) is whole
    assert share_of(whole, Decimal(15), 2) == half
    free = Amounts(total=NOTHING, subtotal=NOTHING, shipping=NOTHING, tax=NOTHING)
    assert share_of(free, TEN, 2) == Amounts(total=TEN, subtotal=TEN, shipping=NOTHING, tax=NOTHING)


def test_a_slip_without_lines_accounts_for_what_the_counters_say() -> None:
    """Slips of old versions and of some modules list no lines: what they gave back is not given back twice."""
    counted = line(1, refunded_tax_incl=Decimal("12.00"))
    loose = slip(5, "12.00", minutes(1), lines=())
    assert not uncovered(order(PAID, lines=(counted,), slips=(loose,)), ())
    assert uncovered(order(PAID, lines=(counted,)), ()) == Decimal("12.00")


def test_a_slips_lines_say_how_many_went_back_at_which_price_each_and_what_is_left() -> None:
    """Three of five by a slip, then the state: it takes what no slip took."""
    bought = (line(1, quantity=1), line(2, quantity=5, unit="4.00"))
    back = slip(5, "14.40", minutes(1), lines=(SlipLine(2, 3, Decimal("12.00"), Decimal("14.40")),))
    rows = (*history(PAID), HistoryRow(200, REFUNDED, 0, minutes(2)))
    first, rest = told(look(order(lines=bought, history=rows, slips=(back,))), "Order Refunded")
    (three,) = products(first)
    assert (three["sku"], three["quantity"], three["position"]) == ("T-2", 3, 2)
    assert (three["price"], three["price_tax_incl"]) == (Decimal("4.00"), Decimal("4.80"))
    assert [(entry["sku"], entry["quantity"]) for entry in products(rest)] == [("T-1", 1), ("T-2", 2)]
