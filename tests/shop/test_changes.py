"""When the schema changes while the poller runs. Traps: [10], [43] restored tables, [34], [38] what is optional."""

import pytest

from poller.engine.poll import PollSettings
from poller.errors import ShopStatementError
from tests.shop.conftest import Scene
from tests.shop.polling import make_poll, told
from tests.support.fake_state import FakeState

BEGINNING = PollSettings(start_from="beginning")


def test_a_column_that_goes_away_is_noticed_at_the_next_poll(altered_scene: Scene) -> None:
    """[38] A downgrade, or a restored older shop; what is optional then reads as NULL."""
    scene = altered_scene
    order = scene.rows.order(scene.rows.customer())
    scene.order(order)
    scene.rows.run("ALTER TABLE PREFIX_order_detail DROP COLUMN total_refunded_tax_incl")
    with pytest.raises(ShopStatementError, match="load/order_lines failed: Unknown column") as raised:
        scene.order(order)
    assert "examined again" in raised.value.hint
    scene.order(order)


def test_a_column_that_cannot_be_missed_stays_an_error(altered_scene: Scene) -> None:
    scene, state = altered_scene, FakeState()
    scene.rows.order(scene.rows.customer())
    scene.rows.run("ALTER TABLE PREFIX_orders DROP COLUMN conversion_rate")
    poll = make_poll(scene.shop, state, settings=BEGINNING)
    for _ in range(2):
        with pytest.raises(ShopStatementError, match=r"conversion_rate"):
            poll.once()
    assert state.marks("live") == {}, "nothing is passed over"


def test_a_module_that_is_removed_takes_only_its_feed(altered_scene: Scene) -> None:
    """[38] The poll that runs into it fails once; from the next on the feed is off."""
    scene, state = altered_scene, FakeState()
    customer = scene.rows.customer()
    poll = make_poll(scene.shop, state, settings=BEGINNING)
    poll.once()
    scene.rows.run("DROP TABLE PREFIX_psgdpr_log")
    assert list(poll.once().failed) == ["psgdpr_log"]
    order = scene.rows.order(customer)
    report = poll.once()
    assert (report.failed, told(state)) == ({}, [("Order Completed", order)])


def test_a_module_that_is_installed_while_the_poller_runs_is_noticed(
    altered_scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[34], [38] psgdpr: from then on erasures must silence customers, not only after the next restart."""
    scene = altered_scene
    rows = scene.rows
    ddl = rows.all("SHOW CREATE TABLE PREFIX_psgdpr_log")[0][1]
    rows.run("DROP TABLE PREFIX_psgdpr_log")
    customer = rows.customer()
    assert not scene.customer(customer).is_erased
    rows.run(ddl)
    rows.add("psgdpr_log", id_customer=customer, request_type=4, id_module=1)
    assert not scene.customer(customer).is_erased, "within the hour nothing is asked"
    monkeypatch.setattr("poller.shop.database._SCHEMA_AGE_SECONDS", 0.0)
    assert scene.customer(customer).is_erased


def test_a_table_that_was_emptied_stops_the_feed(own_scene: Scene) -> None:
    """[10], [43] pscleaner, or a TRUNCATE by hand: the numbers begin again and name other orders than before."""
    scene, state = own_scene, FakeState()
    poll = make_poll(scene.shop, state, settings=BEGINNING)
    customer = scene.rows.customer()
    for _ in range(3):
        scene.rows.order(customer)
    poll.once()
    scene.rows.run("TRUNCATE PREFIX_order_history")
    report = poll.once()
    assert "order_history" in report.stopped
