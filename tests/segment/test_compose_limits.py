"""Messages that would exceed Segment's limit: what is told, whatever the shop holds."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poller.core.events import Json, Who
from poller.core.identity import message_id
from poller.core.packing import MESSAGE_BYTES
from poller.errors import BugError
from poller.segment.compose import MessageComposer
from tests.segment.events import COMPLETED, IDENTIFY, NAMESPACE, PROPERTIES, WHO, WIRE, composed


def lines(count: int, name: str) -> list[Json]:
    return [
        {
            "product_id": str(number),
            "name": name,
            "variant": "Size: S",
            "price": Decimal("19.12"),
            "quantity": 1,
            "currency": "EUR",
            "url": f"https://shop.example.com/{number}.html",
            "image_url": f"https://shop.example.com/{number}.jpg",
        }
        for number in range(count)
    ]


@pytest.mark.parametrize("count", [60, 500, 5_000])
@pytest.mark.parametrize("name", ["T-shirt", "\U0001f455 \u0642\u0645\u064a\u0635" * 12])
@pytest.mark.parametrize("places", [{"identify", "context"}, {"context", "properties"}])
def test_an_order_too_long_is_told_shortened(count: int, name: str, places: set[Any]) -> None:
    event = replace(COMPLETED, properties={**COMPLETED.properties, "products": lines(count, name)})
    text = MessageComposer(replace(WIRE, traits_in=frozenset(places), sent_from="example.com")).compose(event).text
    assert len(text) == len(text.encode()) <= MESSAGE_BYTES
    found = json.loads(text)["properties"]
    assert (found["order_id"], found["total"], found["currency"], found["userId"]) == ("17", 38.24, "EUR", "4")
    assert found["sent_from"] == "example.com"
    if found.get("products_truncated"):
        assert found["products_count"] == count
        assert len(found["products"]) < count or "image_url" not in found["products"][0]
    else:
        assert len(found["products"]) == count == 60


@pytest.mark.parametrize(("over", "is_whole"), [(-1, True), (0, False), (1, False)])
def test_a_message_must_be_smaller_than_32_768_bytes(over: int, *, is_whole: bool) -> None:
    def noted(length: int) -> str:
        return MessageComposer(WIRE).compose(replace(COMPLETED, properties={"note": "n" * length})).text

    room = 32_768 - len(noted(1)) + 1
    text = noted(room + over)
    assert (len(text) == 32_768 + over) is is_whole
    assert len(text) < 32_768


def test_what_is_cut_fills_the_message_to_the_last_line() -> None:
    numbers: list[Json] = [{"product_id": f"{number:04}"} for number in range(5_000)]
    text = MessageComposer(WIRE).compose(replace(COMPLETED, properties={"products": numbers})).text
    one_line = len(', {"product_id": "0000"}')
    assert MESSAGE_BYTES - one_line < len(text) <= MESSAGE_BYTES


def test_traits_of_any_size_leave_room_for_the_order() -> None:
    who = replace(WHO, traits={"email": "ada@example.com", "note": "n" * 100_000})
    found = composed(replace(COMPLETED, who=who))
    assert found["properties"] == PROPERTIES
    assert found["context"]["traits"]["email"] == "ada@example.com"
    assert found["context"]["traits"]["properties_truncated"] is True
    assert len(json.dumps(composed(replace(IDENTIFY, who=who)))) <= MESSAGE_BYTES


def test_an_id_that_fills_a_message_is_a_bug_and_is_not_repeated() -> None:
    with pytest.raises(BugError) as error:
        MessageComposer(WIRE).compose(replace(COMPLETED, who=Who(user_id="canary" * 6_000)))
    assert "canary" not in str(error.value)
    assert error.value.__context__ is None


texts = st.builds(lambda text, times: text * times, st.text(st.characters(), max_size=6), st.integers(1, 4_000))


@given(
    st.dictionaries(st.text(max_size=8), texts, max_size=6),
    st.dictionaries(st.text(max_size=8), texts, max_size=6),
    st.sampled_from(["track", "identify"]),
)
def test_whatever_the_shop_holds_the_message_fits(
    properties: dict[str, str], traits: dict[str, str], call: Any
) -> None:
    event = replace(
        COMPLETED,
        call=call,
        who=replace(WHO, traits=traits),
        properties={**properties, **COMPLETED.properties},
    )
    text = MessageComposer(WIRE).compose(event).text
    assert len(text) <= MESSAGE_BYTES
    found = json.loads(text)
    body = found["properties" if call == "track" else "traits"]
    assert (body["order_id"], body["total"], body["currency"]) == ("17", 38.24, "EUR")
    assert (found["messageId"], found["userId"]) == (str(message_id(NAMESPACE, COMPLETED.fact)), "4")
