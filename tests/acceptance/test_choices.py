"""The settings that say what is sent and how, by the installed command, to the receiver."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.acceptance.shopkeeper import CANCELED, REFUNDED
from tests.acceptance.stage import QUICK, Stage, answer, completed
from tests.support.destinations import DESTINATIONS, unmet

CANARIES = ("canary.mail@example.com", "0177077077", "Canarystreet", "C4N4RY", "Canarytown")


def bought(stage: Stage) -> int:
    """A customer whose data can be recognised, and their order; its number."""
    customer = stage.keeper.customer(firstname="Canaryfirst", email="canary.mail@example.com")
    stage.keeper.address(customer, address1="77 Canarystreet", postcode="C4N4RY", city="Canarytown", phone="0177077077")
    return stage.keeper.order(customer)


def names(stage: Stage) -> Counter[str]:
    return Counter(m.get("event", m["type"]) for m in stage.receiver.distinct().values())


def text(stage: Stage) -> str:
    return json.dumps([*stage.receiver.distinct().values()])


# ------------------------------------------------------------ off


def test_switched_off_it_does_nothing_and_says_so(stage: Stage) -> None:
    stage.catch_up()
    stage.configure(**QUICK, active=False)
    order = bought(stage)
    requests = stage.receiver.requests
    done = stage.run("catch-up")
    assert (done.returncode, done.stdout) == (0, "")
    assert "switched off" in done.stderr
    refused = stage.run("backfill", "--since", "2020-01-01")
    assert (refused.returncode, "switched off" in refused.stderr) == (78, True)
    assert any("switched off" in finding["text"] for finding in findings(stage))
    assert stage.receiver.requests - requests <= 1, "check alone asks Segment whether it is there"
    assert stage.told() == Counter()

    stage.configure(**QUICK)
    stage.catch_up()
    assert stage.told() == completed(order), "what happened meanwhile is still owed"


def findings(stage: Stage) -> list[dict[str, Any]]:
    return list(json.loads(stage.run("check", "--json").stdout))


def test_the_daemon_waits_while_it_is_switched_off(stage: Stage) -> None:
    stage.configure(**QUICK, active=False)
    bought(stage)
    daemon = stage.daemon()
    try:
        daemon.start(ready=False)
        daemon.wait_for(lambda: bool(daemon.said("daemon.off")))
        assert daemon.said("daemon.off")[0]["level"] == "warning"
        assert daemon.stop() == 0
    finally:
        daemon.kill()
    assert (stage.receiver.requests, stage.state.exists()) == (0, False)


# ------------------------------------------------------------ which, and under which name


def test_a_group_is_off_but_for_what_is_named(stage: Stage) -> None:
    stage.catch_up()
    stage.configure(**QUICK, groups={"order": False, "customer": False}, events={"Order Cancelled": {"enabled": True}})
    order = bought(stage)
    stage.catch_up()
    stage.keeper.enter(order, CANCELED)
    stage.catch_up()
    assert names(stage)["Order Cancelled"] == 1
    assert not {"Order Completed", "identify", "Signed Up"} & set(names(stage))


def test_xcommerces_names(stage: Stage) -> None:
    stage.catch_up()
    stage.configure(**QUICK, spelling="xcommerce", events={"Order Completed": {"name": "Purchase"}})
    stage.keeper.enter(bought(stage), CANCELED)
    stage.catch_up()
    assert names(stage)["Order Canceled"] == names(stage)["Purchase"] == 1
    stage.receiver.arrivals.clear()  # these names are the operator's, not the catalogue's


# ------------------------------------------------------------ of whom, and in which words


def test_what_is_held_back_never_leaves(stage: Stage) -> None:
    stage.catch_up()
    stage.configure(
        **QUICK,
        privacy={"email": "none", "phone": "none", "address": "none"},
        traits_in=["identify", "context", "properties"],
    )
    order = bought(stage)
    stage.catch_up()
    assert stage.told() == completed(order)
    assert "Canaryfirst" in text(stage)
    assert [canary for canary in CANARIES if canary in text(stage)] == []
    outbox = b"".join(file.read_bytes() for file in stage.directory.glob("state.db*"))
    assert [canary for canary in CANARIES if canary.encode() in outbox] == []


def test_internal_texts_are_never_sent(stage: Stage) -> None:
    """[48] Notes of employees and private messages; gift messages are nobody's business either."""
    stage.catch_up()
    keeper = stage.keeper
    order = bought(stage)
    keeper.run("UPDATE PREFIX_customer SET note = 'canary-note'")
    keeper.run("UPDATE PREFIX_orders SET gift_message = 'canary-gift', note = 'canary-order-note'")
    keeper.enter(order, CANCELED)
    stage.catch_up()
    assert names(stage)["Order Cancelled"] == 1
    assert "canary-" not in text(stage)


@pytest.mark.parametrize(("language", "state"), [("auto", "Payment accepted"), ("fr", "Paiement accepté")])
def test_names_are_in_one_language(stage: Stage, language: str, state: str) -> None:
    stage.configure(**QUICK, language=language)
    stage.catch_up()
    bought(stage)
    stage.catch_up()
    (message,) = (m for m in stage.receiver.distinct().values() if m.get("event") == "Order Completed")
    assert message["properties"]["order_status"] == state


def test_a_language_the_shop_has_not_is_refused_with_those_it_has(stage: Stage) -> None:
    stage.configure(language="de")
    done = stage.run("catch-up")
    assert done.returncode == 78
    assert "The shop has no language 'de'" in done.stderr
    assert "auto, or one of en, fr" in done.stderr


def test_the_schemas_are_those_of_the_configured_names(stage: Stage) -> None:
    stage.configure(spelling="xcommerce", groups={"customer": False})
    assert stage.run("events", "--json-schema", str(stage.directory / "plan")).returncode == 0
    cancelled = json.loads((stage.directory / "plan" / "order-cancelled.json").read_text())
    assert cancelled["properties"]["event"] == {"const": "Order Canceled"}
    assert not (stage.directory / "plan" / "identify.json").exists()
    listed = {event["name"]: event for event in answer(stage.run("events", "--json"))}
    assert listed["identify"]["answer"] == "switched off"


def test_destinations_find_what_they_need_in_what_really_arrives(stage: Stage) -> None:
    """An order of a real database, completed, cancelled, refunded by slip and as a whole."""
    stage.catch_up()
    kept, dropped, returned = bought(stage), bought(stage), bought(stage)
    stage.keeper.enter(dropped, CANCELED)
    stage.keeper.slip(kept, "10.00")
    stage.keeper.enter(returned, REFUNDED)
    stage.configure(**QUICK)
    stage.catch_up()
    messages = [m for m in stage.receiver.distinct().values() if m["type"] == "track"]
    assert {m["event"] for m in messages} >= {"Order Completed", "Order Cancelled", "Order Refunded"}
    for destination in DESTINATIONS:
        for message in (m for m in messages if m["event"] == destination.event):
            assert unmet(message, destination) == [], destination.action
