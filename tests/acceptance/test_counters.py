"""What a customer was worth stands on every event of theirs, as of the event and not of the moment it is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.acceptance.stage import QUICK, Stage, answer

DAY = timedelta(days=1)


def test_every_event_of_a_known_customer_has_the_counters_as_of_then(stage: Stage) -> None:
    keeper = stage.keeper
    stage.configure(**QUICK, start_from="beginning")
    now = datetime.now(UTC).replace(microsecond=0)
    keeper.at = now - 3 * DAY
    customer = keeper.customer()
    keeper.order(customer, net="50.00")
    keeper.at = now - 2 * DAY
    cart = keeper.insert(
        "cart", id_shop=1, id_shop_group=1, id_currency=1, date_add=keeper.stamp(), date_upd=keeper.stamp()
    )
    stage.catch_up()
    keeper.at = now - DAY
    keeper.update("cart", {"id_cart": cart}, id_customer=customer, date_upd=keeper.stamp())
    keeper.at = now
    keeper.order(customer, net="50.00")
    stage.catch_up()

    (login,) = (m for m in identified(stage, customer) if m["timestamp"].startswith(f"{now - DAY:%Y-%m-%dT%H:%M:%S}"))
    orders = [m["properties"] for m in stage.receiver.distinct().values() if m.get("event") == "Order Completed"]
    first, second = sorted(m["lifetime_revenue_xcommerce"] for m in orders if m["userId"] == str(customer))
    assert first < second
    assert login["traits"]["purchase_count_xcommerce"] == 1
    assert login["traits"]["lifetime_revenue_xcommerce"] == login["traits"]["customerLifetimeValue"] == first


def test_a_preview_shows_them(stage: Stage) -> None:
    customer = stage.keeper.customer()
    stage.keeper.order(customer)
    identified_as, signed_up = answer(stage.run("preview", "customer", str(customer), "--json"))
    assert signed_up["properties"]["purchase_count_xcommerce"] == 1
    assert identified_as["traits"]["purchase_count_xcommerce"] == 1


def identified(stage: Stage, customer: int) -> list[dict[str, Any]]:
    messages = stage.receiver.distinct().values()
    return [m for m in messages if m["type"] == "identify" and m["userId"] == str(customer)]
