"""Orders: what their facts prove. The numbers in brackets are the traps of PrestaShop's schema each case stands for."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from poller.core.policy import UserId
from poller.core.shops import ShopSet
from poller.streams.orders import memory as memories
from tests.streams.builders import (
    ANNA,
    BACKORDER_PAID,
    CANCELED,
    CHEQUE,
    ERROR,
    GONE,
    LATER,
    NOON,
    PAID,
    POLICY,
    PREPARED,
    REFUNDED,
    SHOP,
    USD,
    facts_of,
    history,
    ledger,
    line,
    look,
    minutes,
    names,
    order,
    products,
    slip,
    told,
)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([CHEQUE], ["completed"]),
        ([CHEQUE, PAID, PREPARED], ["completed"]),
        ([CHEQUE, CANCELED], ["completed", "cancelled/history/101"]),
        ([PAID, CANCELED], ["completed", "cancelled/history/101"]),
        ([ERROR], []),
        ([ERROR, CANCELED], []),
        ([ERROR, PAID], ["completed"]),
        ([ERROR, CANCELED, PAID, CANCELED], ["completed", "cancelled/history/103"]),
        ([PAID, REFUNDED], ["completed", "refunded/history/101"]),
        ([GONE, PAID], ["completed"]),
    ],
)
def test_states_become_events_by_role_never_by_number(states: list[int], expected: list[str]) -> None:
    """[15, 16, 47]"""
    assert facts_of(look(order(*states))) == [f"order/17/{name}" for name in expected]


def test_states_that_repeat_and_go_back_are_told_once_each() -> None:
    """[15] A notification delivered twice writes the same state twice; a cancelled order may live again."""
    outcome = look(order(CHEQUE, PAID, PAID, CANCELED, CANCELED, PAID, CANCELED, PREPARED))
    assert facts_of(outcome) == [
        "order/17/completed",
        "order/17/cancelled/history/103",
        "order/17/cancelled/history/106",
    ]
    assert [event.occurred_at for event in told(outcome)] == [minutes(0), minutes(3), minutes(6)]


def test_a_paid_backorder_counts_as_paid_though_it_is_not_valid() -> None:
    """[17, 50] Two history rows of one second, in the order of their ids."""
    facts = order(CHEQUE, BACKORDER_PAID)
    paid = replace(POLICY, completed_when="paid")
    assert [event.occurred_at for event in told(look(facts, policy=paid))] == [minutes(1)]
    assert names(look(order(CHEQUE), policy=paid)) == []


class TestSettling:
    def test_an_order_without_state_and_history_waits_for_ever(self) -> None:
        """[7, 8] A crashed checkout, or one that is still being written."""
        facts = order(history=(), state_id=0, is_valid=False)
        first = look(facts, now=NOON + timedelta(seconds=2))
        assert first.events == ()
        assert first.again is not None
        assert memories.load(first.memory).is_waiting
        much_later = look(facts, first.memory, now=NOON + timedelta(days=40))
        assert much_later.events == ()
        assert much_later.again == NOON + timedelta(days=40, minutes=10)

    def test_lines_that_do_not_add_up_yet_hold_the_order_back(self) -> None:
        """[7] The order row is there before its lines are."""
        half = replace(order(CHEQUE), lines=(), updated_at=NOON)
        early = look(half, now=NOON + timedelta(seconds=1))
        assert (early.events, early.again) == ((), NOON + timedelta(seconds=15))
        whole = look(order(CHEQUE), early.memory, now=NOON + timedelta(seconds=2))
        assert names(whole) == ["Order Completed"]
        assert "unsettled" not in told(whole)[0].properties

    def test_what_was_taken_off_and_wrapped_adds_up_too(self) -> None:
        """A total that leaves out the discount is half written, one that takes it off is whole."""
        parts: dict[str, Any] = {"discounts_tax_incl": Decimal("3.60"), "wrapping_tax_incl": Decimal("1.20")}
        whole = order(CHEQUE, updated_at=NOON, total_tax_incl=Decimal("27.60"), **parts)
        assert names(look(whole, now=NOON + timedelta(seconds=1))) == ["Order Completed"]
        for wrong in ("30.00", "31.20", "34.80", "26.40"):
            half = replace(whole, total_tax_incl=Decimal(wrong))
            assert names(look(half, now=NOON + timedelta(seconds=1))) == []

    def test_more_off_than_there_is_makes_it_free(self) -> None:
        free = order(CHEQUE, updated_at=NOON, total_tax_incl=Decimal(0), discounts_tax_incl=Decimal("45.00"))
        assert names(look(free, now=NOON + timedelta(seconds=1))) == ["Order Completed"]

    def test_what_never_adds_up_goes_out_flagged_once_it_is_quiet(self) -> None:
        half = replace(order(CHEQUE), lines=(), updated_at=NOON)
        early = look(half, now=NOON + timedelta(seconds=1))
        late = look(half, early.memory, now=NOON + timedelta(seconds=16))
        assert names(late) == ["Order Completed"]
        assert told(late)[0].properties["unsettled"] is True

    def test_a_change_starts_the_wait_anew(self) -> None:
        half = replace(order(CHEQUE), lines=(), updated_at=NOON)
        early = look(half, now=NOON + timedelta(seconds=1))
        changed = replace(half, lines=(line(quantity=1),))
        again = look(changed, early.memory, now=NOON + timedelta(seconds=14))
        assert again.again == NOON + timedelta(seconds=29)

    def test_a_slip_whose_lines_are_not_there_yet_waits(self) -> None:
        bare = replace(slip(1, "12.00", minutes(5)), lines=())
        facts = order(PAID, slips=(bare,))
        early = look(facts, now=minutes(5) + timedelta(seconds=1))
        assert names(early) == []
        assert early.again == minutes(5) + timedelta(seconds=15)


class TestSilentStates:
    """[11, 12] A state that no history row records: an ERP, or the moment between the two writes."""

    def test_it_is_told_once_it_has_stood_for_settle(self) -> None:
        before = look(order(PAID), now=minutes(10))
        silent = order(PAID, state_id=CANCELED, is_valid=False)
        early = look(silent, before.memory, now=minutes(20))
        assert names(early) == ["Order Completed"]
        assert early.again == minutes(20) + timedelta(seconds=15)
        late = look(silent, early.memory, now=minutes(21))
        assert facts_of(late) == ["order/17/completed", "order/17/cancelled/silent/1"]
        assert told(late, "Order Cancelled")[0].occurred_at == minutes(20), "noticed then: nothing else dates it"

    def test_its_record_that_comes_late_is_the_same_fact(self) -> None:
        before = look(order(PAID), now=minutes(10))
        silent = order(PAID, state_id=CANCELED, is_valid=False)
        early = look(silent, before.memory, now=minutes(20))
        late = look(silent, early.memory, now=minutes(21))
        recorded = look(order(PAID, CANCELED), late.memory, now=minutes(30))
        assert facts_of(recorded) == facts_of(late)

    def test_a_record_that_comes_in_time_is_the_only_fact(self) -> None:
        silent = order(PAID, state_id=CANCELED, is_valid=False, updated_at=minutes(1))
        early = look(silent, now=minutes(1) + timedelta(seconds=1))
        recorded = look(order(PAID, CANCELED), early.memory, now=minutes(1) + timedelta(seconds=2))
        assert facts_of(recorded) == ["order/17/completed", "order/17/cancelled/history/101"]

    def test_its_time_is_the_last_save_if_that_moved(self) -> None:
        silent = order(PAID, state_id=CANCELED, is_valid=False, updated_at=minutes(7))
        assert told(look(silent), "Order Cancelled")[0].occurred_at == minutes(7)

    def test_a_save_that_was_there_before_does_not_date_it(self) -> None:
        edited = look(order(PAID, updated_at=minutes(7)), now=minutes(8))
        noticed = look(
            order(PAID, state_id=CANCELED, is_valid=False, updated_at=minutes(7)), edited.memory, now=minutes(12)
        )
        settled = look(
            order(PAID, state_id=CANCELED, is_valid=False, updated_at=minutes(7)), noticed.memory, now=minutes(13)
        )
        assert told(noticed, "Order Cancelled") == []
        assert told(settled, "Order Cancelled")[0].occurred_at == minutes(12)

    def test_each_one_is_a_fact_of_its_own(self) -> None:
        first = look(order(PAID, state_id=CANCELED, is_valid=False, updated_at=minutes(7)), now=minutes(10))
        second = look(order(PAID, state_id=PAID, updated_at=minutes(12)), first.memory, now=minutes(13))
        third = look(
            order(PAID, state_id=CANCELED, is_valid=False, updated_at=minutes(14)),
            look(order(PAID, state_id=PAID, updated_at=minutes(12)), second.memory, now=minutes(13.5)).memory,
            now=minutes(15),
        )
        again = look(
            order(PAID, state_id=CANCELED, is_valid=False, updated_at=minutes(14)), third.memory, now=minutes(16)
        )
        assert facts_of(again) == [
            "order/17/completed",
            "order/17/cancelled/silent/1",
            "order/17/cancelled/silent/3",
        ]

    def test_an_order_whose_only_state_is_silent_was_placed_when_it_was_added(self) -> None:
        facts = order(history=(), state_id=PAID, is_valid=True)
        completed = told(look(facts))[0]
        assert (completed.fact, completed.occurred_at) == ("order/17/completed", NOON)


class TestMoney:
    def test_parts_add_up_and_revenue_is_on_completion_only(self) -> None:
        completed, cancelled = told(look(order(PAID, CANCELED)))
        expected = {"total": "30.00", "subtotal": "20.00", "shipping": "5.00", "tax": "5.00", "currency": "EUR"}
        assert {name: str(completed.properties[name]) for name in expected} == expected
        assert completed.properties["revenue"] == Decimal("20.00")
        assert "revenue" not in cancelled.properties
        assert cancelled.properties["total"] == Decimal("30.00")

    def test_the_shop_s_own_currency_stands_beside_the_order_s(self) -> None:
        facts = order(PAID, currency_id=USD, conversion_rate=Decimal("1.25"))
        properties = told(look(facts))[0].properties
        assert (properties["currency"], properties["presentment_currency"]) == ("USD", "USD")
        assert properties["presentment_total"] == Decimal("30.00")
        assert (properties["shop_currency"], properties["shop_currency_total"]) == ("EUR", Decimal("24.00"))

    def test_a_deleted_currency_leaves_the_amounts(self) -> None:
        """[47]"""
        properties = told(look(order(PAID, currency_id=77)))[0].properties
        assert properties["total"] == Decimal("30.00")
        assert "currency" not in properties


class TestRefunds:
    def test_each_slip_is_told_as_issued(self) -> None:
        """[2, 18] Refunds touch nothing else of the order."""
        facts = order(PAID, slips=(slip(5, "12.00", minutes(10)), slip(6, "0", minutes(20), shipping="2.00")))
        first, second = told(look(facts), "Order Refunded")
        assert (first.fact, first.occurred_at) == ("order/17/refunded/slip/5", minutes(10))
        assert first.properties["total"] == Decimal("12.00")
        assert [entry["quantity"] for entry in products(first)] == [1]
        assert first.properties["is_full_refund"] is False
        assert second.properties["total"] == Decimal("2.00")
        assert second.properties["refunded_total"] == Decimal("14.00")

    def test_the_refunded_state_adds_only_what_slips_left(self) -> None:
        """[18, 19]"""
        facts = order(PAID, REFUNDED, slips=(slip(5, "12.00", minutes(0.5)),))
        by_slip, remainder = told(look(facts), "Order Refunded")
        assert by_slip.properties["total"] == Decimal("12.00")
        assert remainder.fact == "order/17/refunded/history/101"
        assert remainder.properties["total"] == Decimal("18.00")
        assert remainder.properties["is_full_refund"] is True

    def test_the_refunded_state_after_full_slips_adds_nothing(self) -> None:
        """[19]"""
        facts = order(PAID, REFUNDED, slips=(slip(5, "24.00", minutes(0.5), shipping="6.00"),))
        assert [event.fact for event in told(look(facts), "Order Refunded")] == ["order/17/refunded/slip/5"]

    def test_slips_beyond_the_order_are_sent_and_flagged(self) -> None:
        """[20] A voucher on the order is not deducted from its refund unless asked."""
        facts = order(PAID, slips=(slip(5, "24.00", minutes(5)), slip(6, "9.50", minutes(6))))
        first, second = told(look(facts), "Order Refunded")
        assert "over_refunded" not in first.properties
        assert (second.properties["total"], second.properties["over_refunded"]) == (Decimal("9.50"), True)

    def test_a_slip_paid_as_voucher_says_so(self) -> None:
        facts = order(PAID, slips=(replace(slip(5, "12.00", minutes(5)), is_voucher=True),))
        properties = told(look(facts), "Order Refunded")[0].properties
        assert (properties["refunded_as_voucher"], properties["refund_reason"]) == (True, "voucher")

    def test_counters_without_a_slip_are_a_refund_once_they_stood_for_settle(self) -> None:
        """[3]"""
        before = look(order(PAID), now=minutes(10))
        counted = order(PAID, lines=(line(refunded_tax_incl=Decimal("12.00"), refunded_quantity=1),))
        early = look(counted, before.memory, now=minutes(20))
        assert names(early) == ["Order Completed"]
        late = look(counted, early.memory, now=minutes(21))
        refund = told(late, "Order Refunded")[0]
        assert (refund.fact, refund.occurred_at) == ("order/17/refunded/counters/1", minutes(20))
        assert refund.properties["total"] == Decimal("12.00")

    def test_counters_that_follow_their_slip_are_no_second_refund(self) -> None:
        counted = line(refunded_tax_incl=Decimal("12.00"), refunded_quantity=1)
        facts = order(PAID, lines=(counted,), slips=(slip(5, "12.00", minutes(5)),))
        assert [event.fact for event in told(look(facts), "Order Refunded")] == ["order/17/refunded/slip/5"]

    def test_refunded_twice_by_state_is_one_refund(self) -> None:
        facts = order(PAID, REFUNDED, PAID, REFUNDED)
        assert [event.fact for event in told(look(facts), "Order Refunded")] == ["order/17/refunded/history/101"]


class TestCancellation:
    def test_a_reason_is_always_there(self) -> None:
        """Braze refuses a cancellation without one."""
        unpaid = told(look(order(CHEQUE, CANCELED)), "Order Cancelled")[0].properties
        paid = told(look(order(CHEQUE, PAID, CANCELED)), "Order Cancelled")[0].properties
        assert (unpaid["reason"], unpaid["cancel_reason"]) == ("cancelled before payment",) * 2
        assert paid["reason"] == "cancelled after payment"

    def test_lines_the_shop_deleted_come_from_memory(self) -> None:
        """[21] The last line of an unpaid order cancelled: no lines, totals of zero."""
        before = look(order(CHEQUE), now=minutes(1))
        nothing: dict[str, Any] = {
            name: Decimal(0)
            for name in (
                "products_tax_excl",
                "products_tax_incl",
                "shipping_tax_excl",
                "shipping_tax_incl",
                "total_tax_incl",
            )
        }
        emptied = replace(order(CHEQUE, CANCELED, lines=()), **nothing)
        cancelled = told(look(emptied, before.memory), "Order Cancelled")[0]
        assert cancelled.properties["total"] == Decimal(30)
        assert [entry["sku"] for entry in products(cancelled)] == ["T-1"]

    def test_a_paid_order_is_not_remembered_line_by_line(self) -> None:
        paid = look(order(CHEQUE, PAID), look(order(CHEQUE), now=minutes(0.1)).memory)
        assert memories.load(paid.memory).snapshot == {}


class TestCounters:
    def test_they_are_as_of_the_event(self) -> None:
        first = order(PAID, order_id=1, history=history(PAID, first_id=90))
        this = order(CHEQUE, PAID, CANCELED)
        facts = replace(this, ledger=ledger(first, this))
        completed, cancelled = told(look(facts))
        assert completed.properties["purchase_count_xcommerce"] == 1
        assert completed.properties["lifetime_revenue_xcommerce"] == Decimal("30.00")
        assert cancelled.properties["purchase_count_xcommerce"] == 1

    def test_slips_are_taken_off_from_their_own_time_on(self) -> None:
        """[25] Divided by the order's rate, not by that of the slip's day."""
        this = order(
            PAID,
            currency_id=USD,
            conversion_rate=Decimal(2),
            slips=(slip(5, "12.00", minutes(5)), slip(6, "6.00", minutes(5))),
        )
        facts = replace(this, ledger=ledger(this))
        revenue = [event.properties["lifetime_revenue_xcommerce"] for event in told(look(facts))]
        assert revenue == [Decimal("15.00"), Decimal("9.00"), Decimal("6.00")]

    def test_valid_now_is_the_row_s_own_flag(self) -> None:
        """Editing a state's flag later does not rewrite orders."""
        this = order(CHEQUE, is_valid=True)
        assert told(look(replace(this, ledger=ledger(this))))[0].properties["purchase_count_xcommerce"] == 1

    def test_orders_count_of_the_shops_that_share_the_customer(self) -> None:
        elsewhere = replace(ledger(order(PAID, order_id=1, history=history(PAID, first_id=90)))[0], shop_id=2)
        alone, shared = (replace(SHOP, counted=ShopSet(only=frozenset(shops))) for shops in ({1}, {1, 2}))
        counts = []
        for shop in (alone, shared):
            this = order(PAID, shop=shop)
            facts = replace(this, ledger=(elsewhere, *ledger(this)))
            counts.append(told(look(facts))[0].properties["purchase_count_xcommerce"])
        assert counts == [1, 2]

    def test_a_ledger_too_large_to_read_leaves_them_out(self) -> None:
        properties = told(look(order(PAID, ledger=None)))[0].properties
        assert "lifetime_revenue_xcommerce" not in properties
        assert "purchase_count_xcommerce" not in properties


class TestWho:
    def test_each_event_comes_with_its_identify(self) -> None:
        this = order(PAID)
        identify, track = look(replace(this, ledger=ledger(this))).events
        assert (identify.call, identify.fact) == ("identify", "order/17/completed/identify")
        assert identify.properties["customerLifetimeValue"] == Decimal("30.00")
        assert identify.who == track.who
        assert track.who.user_id == "4"
        assert track.who.traits["email"] == "anna@example.com"

    def test_a_deleted_customer_is_not_told_of(self) -> None:
        """[34]"""
        gone = look(order(PAID, customer=None))
        assert (gone.events, gone.exclude) == ((), (4, "deleted"))
        flagged = look(order(PAID, customer=replace(ANNA, is_deleted=True)))
        assert (flagged.events, flagged.exclude) == ((), (4, "deleted"))
        erased = look(order(PAID, customer=replace(ANNA, is_erased=True)))
        assert erased.exclude == (4, "erased")

    def test_a_customer_row_that_is_not_there_yet_is_waited_for(self) -> None:
        """Exclusion is for ever, so one look at a fresh order is not enough for it."""
        fresh = order(PAID, customer=None)
        early = look(fresh, now=NOON + timedelta(seconds=1))
        assert (early.events, early.exclude, early.again) == ((), None, NOON + timedelta(seconds=15))
        there = look(order(PAID), early.memory, now=NOON + timedelta(seconds=2))
        assert names(there) == ["Order Completed"]
        never = look(fresh, early.memory, now=NOON + timedelta(seconds=16))
        assert never.exclude == (4, "deleted")

    def test_a_customer_who_is_internal_no_more_is_told_of(self) -> None:
        hidden = look(order(PAID), policy=replace(POLICY, internal=frozenset({"4"})))
        assert names(look(order(PAID), hidden.memory)) == ["Order Completed"]

    def test_an_internal_customer_is_not_told_of_but_not_for_ever(self) -> None:
        """[46]"""
        internal = replace(POLICY, internal=frozenset({"anna@example.com"}))
        outcome = look(order(PAID), policy=internal)
        assert (outcome.events, outcome.exclude) == ((), None)

    def test_an_order_without_customer_is_anonymous(self) -> None:
        outcome = look(order(PAID, customer_id=0, customer=None))
        assert [event.call for event in outcome.events] == ["track"]
        assert outcome.events[0].who.user_id is None
        assert outcome.events[0].who.anonymous_id

    def test_the_anonymous_id_is_the_cart_s(self) -> None:
        one = look(order(PAID, order_id=17)).events[0].who.anonymous_id
        sibling = look(order(PAID, order_id=18)).events[0].who.anonymous_id
        other = look(order(PAID, cart_id=31)).events[0].who.anonymous_id
        assert one == sibling != other

    def test_without_user_ids_there_is_no_identify(self) -> None:
        anonymous = replace(POLICY, user_id=UserId(source="anonymous"))
        assert [event.call for event in look(order(PAID), policy=anonymous).events] == ["track"]


def test_a_switched_off_event_is_not_derived() -> None:
    policy = replace(POLICY, disabled=POLICY.disabled | {"Order Cancelled"})
    assert names(look(order(PAID, CANCELED), policy=policy)) == ["Order Completed"]


def test_deriving_again_proves_the_same() -> None:
    facts = order(CHEQUE, PAID, CANCELED, REFUNDED, slips=(slip(5, "12.00", minutes(1)),))
    first = look(facts)
    second = look(facts, first.memory, now=LATER + timedelta(hours=1))
    assert second.events == first.events
    assert second.memory == first.memory


def test_a_line_of_a_deleted_product_is_named_and_has_a_variant() -> None:
    """[47] Braze refuses the whole order if one line lacks `variant`."""
    bare = line(name="", brand="", category="", sku="")
    product = products(told(look(order(PAID, lines=(bare,))))[0])[0]
    assert product["name"] == "Product 11"
    assert product["variant"] == "11"
    assert not {"brand", "category", "sku", "image_url"} & set(product)
