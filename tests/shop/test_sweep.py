"""What changes without telling anyone, at any age: found, told once, and dated when it happened or was noticed.

Traps: [3] refund counters, [12] states set by SQL, [34] deleted customers, [35] the newsletter box.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from poller.core.blocks import folded
from tests.shop.conftest import Scene
from tests.shop.sweeping import LONG_AGO, Swept, found, is_about_now

NEVER = "UPDATE PREFIX_orders SET current_state = 6 WHERE id_order = %s"


def now_text() -> str:
    """The shop's present local time, as PHP writes it."""
    return datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris")).strftime("%Y-%m-%d %H:%M:%S")


@pytest.fixture
def shop(own_scene: Scene) -> Swept:
    return Swept(own_scene)


def test_a_state_set_by_sql_on_an_order_nobody_ever_looked_at_is_told(shop: Swept) -> None:
    """[12] Its history is old and not owed; that it is cancelled now is a new fact, dated when it was noticed."""
    rows = shop.scene.rows
    order = rows.order(rows.customer(), states=(1,), at=LONG_AGO)
    shop.start()
    assert ("order", order) not in shop.state.memories, "nobody has looked at it"
    rows.run(NEVER, order)
    assert found(shop.walk()) == 2
    (told,) = shop.messages()
    assert (told.name, told.key) == ("Order Cancelled", order)
    assert is_about_now(told.occurred_at)
    assert found(shop.walk()) == 0
    assert shop.told() == []


def test_a_state_is_dated_by_the_order_where_its_date_moved_with_it(shop: Swept) -> None:
    rows = shop.scene.rows
    order = rows.order(rows.customer(), at=LONG_AGO)
    shop.start()
    zone = shop.scene.shop.reference().time.zone
    moved = datetime.now(zone).replace(microsecond=0, tzinfo=None) + timedelta(seconds=3)
    rows.run("UPDATE PREFIX_orders SET current_state = 6, date_upd = %s WHERE id_order = %s", moved, order)
    with shop.scene.shop.snapshot() as snapshot:
        now = snapshot.reading.now
    shop.walk()
    (told,) = shop.messages()
    assert now - timedelta(seconds=5) <= told.occurred_at <= moved.replace(tzinfo=zone).astimezone(UTC)


def test_an_older_date_does_not_date_a_later_change(shop: Swept) -> None:
    """Somebody entered a tracking number years ago: the order was saved then, and cancelled only now."""
    rows = shop.scene.rows
    order = rows.order(rows.customer(), at=LONG_AGO)
    rows.change("orders", {"id_order": order}, date_upd=LONG_AGO + timedelta(days=30))
    shop.start()
    rows.run(NEVER, order)
    shop.walk()
    (told,) = shop.messages()
    assert is_about_now(told.occurred_at)


def test_the_same_holds_for_an_order_that_is_remembered(shop: Swept) -> None:
    rows = shop.scene.rows
    order = rows.order(rows.customer(), at=LONG_AGO)
    shop.start()
    rows.payment(order)
    shop.poll.once()
    assert ("order", order) in shop.state.memories
    rows.change("orders", {"id_order": order}, date_upd=LONG_AGO + timedelta(days=30), current_state=6)
    shop.walk()
    (told,) = shop.messages()
    assert is_about_now(told.occurred_at), "it was seen since that date, and was not cancelled"


def test_a_feed_that_comes_first_takes_nothing_from_the_sweep(shop: Swept) -> None:
    """A payment touches the order after somebody cancelled it by SQL, and before the sweep has come round."""
    rows = shop.scene.rows
    order = rows.order(rows.customer(), at=LONG_AGO)
    shop.start()
    rows.run(NEVER, order)
    rows.payment(order)
    shop.poll.once()
    shop.walk()
    assert shop.told() == [("Order Cancelled", order)]


def test_what_was_unrecorded_before_is_old_and_stays_untold(shop: Swept) -> None:
    """[3], [12] A state and a refund without records, years ago; now a line is refunded, and only that is news."""
    rows = shop.scene.rows
    order = rows.order(rows.customer(), states=(2,), at=LONG_AGO)
    rows.run(NEVER, order)
    rows.run("UPDATE PREFIX_order_detail SET total_refunded_tax_incl = 5 WHERE id_order = %s", order)
    shop.start()
    assert ("order", order) in shop.state.memories, "it is remembered for what no record tells"
    rows.run("UPDATE PREFIX_order_detail SET total_refunded_tax_incl = 12 WHERE id_order = %s", order)
    shop.walk()
    (told,) = shop.messages()
    assert (told.name, told.key, told.amount_minor) == ("Order Refunded", order, 700)


@pytest.mark.parametrize("counter", ["total_refunded_tax_incl", "product_quantity_refunded", "product_quantity_return"])
def test_a_counter_of_an_old_line_makes_the_walk_read_its_order(shop: Swept, counter: str) -> None:
    """[3]"""
    rows = shop.scene.rows
    order = rows.order(rows.customer(), states=(2,), at=LONG_AGO)
    shop.start()
    rows.run(f"UPDATE PREFIX_order_detail SET {counter} = 1 WHERE id_order = %s", order)
    assert sum(report.things for report in shop.walk()) == 1
    assert sum(report.things for report in shop.walk()) == 0, "and then it is known"


def test_an_order_added_late_among_old_ones_is_derived(shop: Swept) -> None:
    """A row that committed long after its neighbours, or an import between them."""
    rows = shop.scene.rows
    customer = rows.customer()
    rows.order(customer, at=LONG_AGO)
    shop.start()
    with shop.scene.shop.snapshot() as snapshot:
        now = snapshot.local_text(snapshot.reading.now)
    free = rows.all("SELECT MIN(id_order) + 1 FROM PREFIX_orders")[0][0]
    rows.order(customer, at=now, id_order=free)
    shop.walk()
    assert ("Order Completed", free) in shop.told()


def test_the_index_on_the_state_tells_soon(shop: Swept) -> None:
    """[12] Not the walk: one short statement for all orders there are."""
    rows = shop.scene.rows
    customer = rows.customer()
    orders = [rows.order(customer, at=LONG_AGO) for _ in range(3)]
    shop.start()
    assert sum(report.things for report in shop.sweep.states()) == 0
    rows.run(NEVER, orders[1])
    assert sum(report.things for report in shop.sweep.states()) == 1
    assert shop.told() == [("Order Cancelled", orders[1])]


def test_a_trait_of_an_old_customer_is_told_and_nobody_else_is(shop: Swept) -> None:
    """[35] The newsletter box in the footer moves no date."""
    rows = shop.scene.rows
    before = [rows.customer(date_add=LONG_AGO, date_upd=LONG_AGO) for _ in range(5)]
    shop.start()
    rows.run("UPDATE PREFIX_customer SET newsletter = 1 WHERE id_customer = %s", before[2])
    rows.run("UPDATE PREFIX_address SET city = 'Lyon' WHERE id_customer = %s", before[3])
    rows.run("UPDATE PREFIX_address SET date_upd = NOW() WHERE id_customer = %s", before[4])
    shop.walk()
    told = shop.messages()
    assert [(one.name, one.key) for one in told] == [("identify", before[2]), ("identify", before[3])]
    assert all(is_about_now(one.occurred_at) for one in told)


def test_an_old_customer_who_is_deleted_is_suppressed(shop: Swept) -> None:
    """[34]"""
    rows = shop.scene.rows
    before = [rows.customer(date_add=LONG_AGO) for _ in range(3)]
    shop.start()
    rows.run("DELETE FROM PREFIX_customer WHERE id_customer = %s", before[1])
    shop.walk()
    assert shop.state.suppressed() == {before[1]: "deleted"}


def test_a_checkout_that_goes_on_is_told_and_is_no_other_writer(shop: Swept) -> None:
    """PrestaShop saves the progress without a date: the sweep is how it is read, and no surprise."""
    rows = shop.scene.rows
    shop.start()
    cart = rows.cart(id_guest=5, date_add=now_text(), date_upd=now_text())
    rows.add("cart_product", id_cart=cart, id_product=1, id_shop=1, quantity=2, date_add=now_text())
    shop.poll.once()
    shop.told()
    progress = {"checkout-addresses-step": {"step_is_reachable": True, "step_is_complete": True}}
    rows.change("cart", {"id_cart": cart}, checkout_session_data=json.dumps(progress))
    reports = list(shop.sweep.recent())
    assert ("Checkout Step Completed", cart) in shop.told()
    assert found(reports) == 0


def test_many_who_vanish_at_once_are_believed_only_when_they_stay_away(shop: Swept) -> None:
    """A table that is being restored: to believe it would exclude everybody for ever."""
    rows = shop.scene.rows
    before = [rows.customer(date_add=LONG_AGO) for _ in range(40)]
    shop.start()
    rows.run("DELETE FROM PREFIX_customer WHERE id_customer BETWEEN %s AND %s", before[1], before[30])
    failed = [report.failed for report in shop.walk() if report.failed]
    assert failed == [{"sweep/customer": next(iter(failed[0].values()))}]
    assert "30 of 40 rows vanished at once" in str(failed[0]) or "30 of 41" in str(failed[0])
    assert shop.state.suppressed() == {}
    for key, block in list(shop.state.swept.items()):
        if block.doubted_at:
            shop.state.swept[key] = replace(block, doubted_at=block.doubted_at - timedelta(hours=2))
    shop.walk()
    assert set(shop.state.suppressed()) == set(before[1:31])


def test_a_crash_before_the_commit_finds_the_same_again(shop: Swept) -> None:
    """A row's digest is stored with what the row proves."""
    rows = shop.scene.rows
    order = rows.order(rows.customer(), at=LONG_AGO)
    shop.start()
    rows.run(NEVER, order)

    def dies(step: str) -> None:
        if step == "commit":
            raise KeyboardInterrupt

    shop.state.crash = dies
    with pytest.raises(KeyboardInterrupt):
        shop.walk()
    again = Swept(shop.scene.again(), shop.state)
    shop.state.crash = lambda _: None
    again.walk()
    again.walk()
    assert again.told() == [("Order Cancelled", order)]


def test_statements_for_rows_and_for_blocks_agree(shop: Swept) -> None:
    """The same expression stands in several files: what they say of the same rows must add up."""
    rows = shop.scene.rows
    for _ in range(3):
        order = rows.order(rows.customer(birthday=None), states=(2,))
        rows.line(order, product_quantity_refunded=1, total_refunded_tax_incl=3)
        rows.slip(order)
    rows.line(987_654)
    with shop.scene.shop.snapshot() as snapshot:
        for thing in ("order", "customer"):
            blocks = {key // 1000 for key in (snapshot.blocks.newest_key(thing), 987_654)}
            for number in blocks:
                read = snapshot.blocks.read(thing, number)
                sums = snapshot.blocks.sums(thing, first=number, last=number)
                assert sums.get(number, read.sum) == read.sum
                whole = folded((read.sum.digest, read.sum.below or b""))
                is_orphaned = number == 987 and thing == "order"
                assert is_orphaned or whole == folded(row.digest for row in read.rows.values())
                keys = list(read.rows)
                assert snapshot.digests(thing, keys) == {key: row.digest for key, row in read.rows.items()}
        number = snapshot.blocks.newest_key("order") // 1000
        read = snapshot.blocks.read("order", number)
        assert snapshot.blocks.states(first=number, last=number) == {number: read.states}
        last = snapshot.blocks.newest_key("line") // 1000
        assert snapshot.blocks.refunds(first=0, last=last)[number] == read.refunds


def test_another_form_of_digest_is_learned_anew_and_tells_nothing(shop: Swept) -> None:
    """After an upgrade of the shop or of the poller every digest differs: that is no news of anybody."""
    rows = shop.scene.rows
    order = rows.order(rows.customer(date_add=LONG_AGO), at=LONG_AGO)
    shop.start()
    for name in ("sweep/order", "sweep/customer"):
        shop.state.set_meta(name, "another")
    for key, block in shop.state.swept.items():
        shop.state.swept[key] = replace(block, rows=dict.fromkeys(block.rows, b"another!"), sum=None)
    shop.walk()
    assert shop.told() == []
    rows.run(NEVER, order)
    shop.walk()
    assert shop.told() == [("Order Cancelled", order)]
