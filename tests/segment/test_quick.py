"""The quick way writes, letter by letter, what Segment's library builds, or leaves the event to it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from poller.core.events import Event, Json, Who
from poller.core.identity import message_id
from poller.errors import BugError
from poller.segment.compose import MessageComposer
from poller.segment.privacy import Privacy
from poller.segment.quick import QuickText
from poller.segment.wire import Labels, Wire
from tests.segment.events import COMPLETED, IDENTIFY, NAMESPACE, WHO, WIRE

ZONES = (UTC, timezone(timedelta(hours=9)), timezone(-timedelta(hours=3, minutes=30)))
NAMES = ("email", "total", "products", "userId", "category", "sent_from", "firstName", "phone", "\u0448", "")
TEXTS = ("Ada", "T-shirt", "null", '"', '""', "{}", "\\ud8", "torn \ud83d", "\U0001f455", "caf\u00e9", "\x00\x7f", "")


def a_value(dice: Random, depth: int) -> Any:
    """Anything a property may hold, and some things it may not; the ordinary more often than the odd."""
    match dice.randrange(10 if depth else 6):
        case 0 | 1:
            return dice.choice(TEXTS[:2]) if dice.random() < 0.8 else dice.choice(TEXTS)
        case 2:
            return Decimal(dice.randrange(-(10**9), 10**9)).scaleb(-dice.randrange(7))
        case 3 | 4:
            return dice.choice((0, -(2**53), dice.random() * 1e6, 1e300, -0.0, True, False))
        case 5:
            return (
                "Grace"
                if dice.random() < 0.7
                else dice.choice((None, datetime(2026, 3, 1, tzinfo=UTC), date(1999, 1, 2)))
            )
        case 6 | 7:
            return [a_value(dice, depth - 1) for _ in range(dice.randrange(4))]
        case _:
            return some_properties(dice, depth - 1)


def some_properties(dice: Random, depth: int = 2) -> dict[str, Any]:
    names = NAMES[:8] if dice.random() < 0.8 else NAMES
    return {dice.choice(names): a_value(dice, depth) for _ in range(dice.randrange(7))}


def somebody(dice: Random) -> Who:
    return Who(
        user_id=dice.choice(("4", "4", "shop-4", "\u00e9", "4\ud83d", None)),
        anonymous_id="a-30",
        customer_id=dice.choice((None, 4, 5)),
        traits=some_properties(dice),
    )


def an_event(dice: Random, who: Who) -> Event:
    return Event(
        fact=f"order/{dice.randrange(100)}/completed",
        call=dice.choice(("track", "identify")),
        name=dice.choice(("Order Completed", "Order Cancelled", "Caf\u00e9")),
        thing="order",
        key=17,
        occurred_at=datetime(2026, 3, 1, 12, 0, 0, dice.randrange(10**6), tzinfo=dice.choice(ZONES)),
        who=who,
        properties=some_properties(dice),
    )


WIRES = st.builds(
    Wire,
    namespace=st.just(NAMESPACE),
    write_key=st.just("canary-write-key"),
    sent_from=st.none() | st.sampled_from(["example.com", "\u0448\u043e\u043f"]),
    event_category=st.none() | st.just("ecommerce"),
    integrations=st.sampled_from([{}, {"All": False, "Klaviyo": {"list": ["a"]}}]),
    names=st.sampled_from([{}, {"Order Cancelled": "Order Canceled"}]),
    traits_in=st.sampled_from([{"identify", "context"}, {"identify"}, {"context"}, set(), {"properties"}]).map(
        frozenset
    ),
    privacy=st.sampled_from([Privacy(), Privacy(), Privacy(email="hash"), Privacy(traits=frozenset({"email"}))]),
    labels=st.sampled_from([{}, {1: Labels(sent_from="first")}, {1: Labels(event_category="second")}]),
    is_historical=st.booleans(),
)


def way(composer: MessageComposer) -> QuickText:
    return composer._quick


@settings(max_examples=80, deadline=None)
@given(WIRES, st.integers(0, 2**32))
@example(WIRE, 0)
@example(replace(WIRE, is_historical=True), 1)
def test_it_writes_what_the_library_builds_or_leaves_it_to_the_library(wire: Wire, seed: int) -> None:
    composer, dice = MessageComposer(wire), Random(seed)  # noqa: S311 - a case, not a secret
    for _ in range(15):
        who = somebody(dice)
        for event in (an_event(dice, who) for _ in range(3)):
            identity = message_id(NAMESPACE, event.fact)
            text = way(composer).text(event, identity)
            if text is not None:
                assert text == composer.text_by_library(event, identity)


def test_most_of_what_is_told_goes_the_quick_way() -> None:
    composer, dice = MessageComposer(WIRE), Random(4)  # noqa: S311 - as above
    events = [an_event(dice, somebody(dice)) for _ in range(500)]
    quick = [way(composer).text(event, message_id(NAMESPACE, event.fact)) for event in events]
    assert sum(text is not None for text in quick) > 100, "or the comparison above would compare nothing"


def test_ordinary_events_go_the_quick_way_whoever_came_before() -> None:
    composer = MessageComposer(WIRE)
    other = Who(user_id="5", customer_id=5, traits={"email": "grace@example.com"})
    who = replace(WHO, traits={"email": "ada@example.com", "address": {"city": "Paris"}})
    properties: dict[str, Json] = {
        "total": Decimal("38.24"),
        "products": [{"name": "T-shirt", "price": Decimal("19.12")}],
    }
    for about in (who, other, who):
        for event in (IDENTIFY, COMPLETED):
            told = replace(event, who=about, properties=properties)
            identity = message_id(NAMESPACE, told.fact)
            text = way(composer).text(told, identity)
            assert text == composer.text_by_library(told, identity)
            assert json.loads(text or "")["context"]["traits"] == about.traits


@pytest.mark.parametrize(
    "properties",
    [
        {"coupon": ""},
        {"note": None},
        {"address": {}},
        {"name": "torn \ud83d"},
        {"name": "T-shirt \U0001f455"},
        {"at": datetime(2026, 3, 1, tzinfo=UTC)},
        {"note": "n" * 32_768},
        {"total": Decimal("NaN")},
    ],
    ids=["empty text", "absent", "empty object", "half a letter", "outside the plane", "time", "too long", "no number"],
)
def test_what_is_out_of_the_ordinary_is_left_to_the_library(properties: dict[str, Any]) -> None:
    event = replace(COMPLETED, properties=properties)
    assert way(MessageComposer(WIRE)).text(event, message_id(NAMESPACE, event.fact)) is None


def test_somebody_who_cannot_be_written_is_not_taken_for_the_one_before() -> None:
    composer = MessageComposer(WIRE)
    composer.compose(COMPLETED)
    broken = replace(COMPLETED, who=replace(WHO, user_id="5", traits={"email": Decimal("Infinity")}))
    with pytest.raises(BugError):
        composer.compose(broken)
    assert json.loads(composer.compose(COMPLETED).text)["userId"] == "4"


def test_history_is_no_sign_of_life() -> None:
    composer = MessageComposer(replace(WIRE, is_historical=True))
    plain_who = replace(WHO, traits={"email": "ada@example.com"})
    for who in (WHO, plain_who):
        identified = json.loads(composer.compose(replace(IDENTIFY, who=who)).text)["context"]
        tracked = json.loads(composer.compose(replace(COMPLETED, who=who)).text)["context"]
        assert identified["active"] is False
        assert "active" not in tracked
