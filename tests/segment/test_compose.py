"""Messages: what the composer puts into them, and that the library would have sent the very same."""

import json
import logging
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from segment.analytics.client import Client
from segment.analytics.version import VERSION

from poller import __version__
from poller.core.events import Event, Who
from poller.core.identity import message_id
from poller.errors import BugError
from poller.ports import Accepted, Outgoing
from poller.segment.compose import MessageComposer
from poller.segment.post import SegmentSender
from poller.segment.wire import names_for
from tests.segment.events import COMPLETED, IDENTIFY, KNOWN, NAMESPACE, PROPERTIES, WIRE, composed
from tests.segment.server import ScriptedServer

CONTEXT = {
    "app": {"name": "prestashop-segment-poller", "version": __version__},
    "channel": "server",
    "externalIds": [{"id": "4", "type": "prestashop_customer_id", "collection": "users", "encoding": "none"}],
    "traits": KNOWN,
    "library": {"name": "analytics-python", "version": VERSION},
}


def test_a_track_call_whole() -> None:
    outgoing = MessageComposer(WIRE).compose(COMPLETED)
    id_ = message_id(NAMESPACE, "order/17/completed")
    assert json.loads(outgoing.text) == {
        "type": "track",
        "event": "Order Completed",
        "messageId": str(id_),
        "userId": "4",
        "anonymousId": "a-30",
        "timestamp": "2026-03-01T12:00:00.120+00:00",
        "properties": PROPERTIES,
        "context": CONTEXT,
        "integrations": {},
    }
    assert outgoing == Outgoing(
        message_id=id_,
        name="Order Completed",
        thing="order",
        key=17,
        customer_id=4,
        occurred_at=COMPLETED.occurred_at,
        text=outgoing.text,
        amount_minor=3824,
        currency="EUR",
        shop_id=1,
    )


def test_an_identify_call_whole() -> None:
    outgoing = MessageComposer(WIRE).compose(IDENTIFY)
    id_ = message_id(NAMESPACE, "customer/4/identify/1")
    assert json.loads(outgoing.text) == {
        "type": "identify",
        "messageId": str(id_),
        "userId": "4",
        "anonymousId": "a-30",
        "timestamp": "2026-03-01T12:00:00.120+00:00",
        "traits": {**KNOWN, "purchase_count_xcommerce": 3},
        "context": CONTEXT,
        "integrations": {},
    }
    assert (outgoing.name, outgoing.amount_minor, outgoing.currency) == ("identify", None, None)


def test_an_anonymous_visitor_has_no_user_no_external_id_and_no_traits() -> None:
    found = composed(replace(COMPLETED, who=Who(anonymous_id="a-30")))
    assert found["userId"] is None
    assert found["anonymousId"] == "a-30"
    assert "userId" not in found["properties"]
    assert found["context"].keys() == {"app", "channel", "library"}


def test_a_torn_letter_in_an_id_is_replaced() -> None:
    found = composed(replace(COMPLETED, who=Who(user_id="4\ud83d")))
    assert (found["userId"], found["properties"]["userId"]) == ("4\ufffd", "4\ufffd")


def test_the_time_is_told_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    found = composed(replace(COMPLETED, occurred_at=datetime(2026, 3, 1, 21, tzinfo=tokyo)))
    assert found["timestamp"] == "2026-03-01T12:00:00.000+00:00"


def test_traits_go_where_they_are_wanted() -> None:
    nowhere = replace(WIRE, traits_in=frozenset())
    assert "traits" not in composed(COMPLETED, nowhere)["context"]
    assert composed(IDENTIFY, nowhere)["traits"] == {"purchase_count_xcommerce": 3}
    assert "email" not in composed(COMPLETED)["properties"]

    flat = replace(WIRE, traits_in=frozenset({"properties"}))
    event = replace(COMPLETED, properties={**COMPLETED.properties, "firstName": "as the order says"})
    found = composed(event, flat)
    assert found["properties"] == {
        **PROPERTIES,
        "firstName": "as the order says",
        "email": "ada@example.com",
        "newsletter": False,
    }
    assert "traits" not in found["context"]
    assert composed(IDENTIFY, flat)["traits"] == {"purchase_count_xcommerce": 3}


def test_what_is_added_to_track_calls_never_overrides() -> None:
    wire = replace(WIRE, sent_from="example.com", event_category="ecommerce")
    assert composed(COMPLETED, wire)["properties"] == {
        **PROPERTIES,
        "sent_from": "example.com",
        "category": "ecommerce",
    }
    added = replace(COMPLETED, name="Product Added", properties={"category": "Men", "sent_from": "till"})
    assert composed(added, wire)["properties"] == {"category": "Men", "sent_from": "till", "userId": "4"}
    assert composed(IDENTIFY, wire)["traits"] == {**KNOWN, "purchase_count_xcommerce": 3}


def test_names_can_be_changed_and_the_ledger_keeps_the_specifications() -> None:
    cancelled = replace(COMPLETED, name="Order Cancelled", fact="order/17/cancelled")
    for names, sent in (
        (names_for("spec", {}), "Order Cancelled"),
        (names_for("xcommerce", {}), "Order Canceled"),
        (names_for("xcommerce", {"Order Cancelled": "Bestellung storniert"}), "Bestellung storniert"),
    ):
        outgoing = MessageComposer(replace(WIRE, names=names)).compose(cancelled)
        assert json.loads(outgoing.text)["event"] == sent
        assert outgoing.name == "Order Cancelled"
        assert outgoing.message_id == message_id(NAMESPACE, "order/17/cancelled")


def test_integrations_go_with_every_message() -> None:
    wire = replace(WIRE, integrations={"All": False, "Klaviyo": True})
    composer = MessageComposer(wire)
    for event in (COMPLETED, IDENTIFY, COMPLETED):
        assert json.loads(composer.compose(event).text)["integrations"] == {"All": False, "Klaviyo": True}
    assert wire.integrations == {"All": False, "Klaviyo": True}


@pytest.mark.parametrize(
    ("amount", "hundredths"),
    [("38.24", 3824), ("1200", 120_000), ("1.005", 101), ("-7.5", -750), ("0", 0), ("12.3449", 1234)],
)
def test_the_ledger_counts_hundredths(amount: str, hundredths: int) -> None:
    outgoing = MessageComposer(WIRE).compose(replace(COMPLETED, amount=Decimal(amount)))
    assert outgoing.amount_minor == hundredths


@pytest.mark.parametrize(
    "event", [replace(COMPLETED, amount=Decimal("NaN")), replace(COMPLETED, properties={"total": Decimal("Infinity")})]
)
def test_a_number_that_is_none_is_refused(event: Event) -> None:
    with pytest.raises(BugError, match=r"^order/17/completed.* is not a finite number"):
        MessageComposer(WIRE).compose(event)


def test_the_same_event_is_the_same_text() -> None:
    assert MessageComposer(WIRE).compose(COMPLETED) == MessageComposer(WIRE).compose(COMPLETED)


@pytest.mark.parametrize("event", [COMPLETED, IDENTIFY])
def test_the_library_itself_would_have_sent_the_very_same(event: Event) -> None:
    text = MessageComposer(WIRE).compose(event).text
    message = json.loads(text)
    common: dict[str, Any] = {
        "user_id": "4",
        "anonymous_id": "a-30",
        "timestamp": event.occurred_at,
        "context": {name: value for name, value in message["context"].items() if name != "library"},
        "message_id": message["messageId"],
    }
    with ScriptedServer() as server:
        client = Client("canary-write-key", host=server.url, sync_mode=True)
        if event.call == "track":
            client.track(event=event.name, properties={**PROPERTIES}, **common)
        else:
            client.identify(traits={**KNOWN, "purchase_count_xcommerce": 3}, **common)
        assert SegmentSender("canary-write-key", host=server.url).post([text], attempt=0) == Accepted()
        theirs, ours = server.received
    assert ours.messages == theirs.messages
    assert ours.document.keys() == theirs.document.keys()
    assert text.encode() in theirs.body
    for name in ("Authorization", "User-Agent", "Content-Type"):
        assert ours.headers[name] == theirs.headers[name]


def test_composing_starts_no_thread_and_tells_the_log_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="segment")
    before = threading.active_count()
    MessageComposer(WIRE).compose(COMPLETED)
    assert threading.active_count() == before
    assert caplog.text == ""


def test_the_key_is_not_shown() -> None:
    assert "canary" not in repr(WIRE)
