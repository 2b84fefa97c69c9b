"""What a message that is too long loses, in which order, and what it never loses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poller.core.packing import (
    LONG_TEXT,
    MESSAGE_BYTES,
    SHORT_TEXT,
    SMALLEST_ROOM,
    Plain,
    deepest,
    fit,
    shorten,
    size,
)

LINE: dict[str, Plain] = {
    "product_id": "1",
    "sku": "demo_1",
    "name": "Hummingbird printed t-shirt",
    "variant": "Size: S",
    "brand": "Studio Design",
    "category": "Men",
    "price": 19.12,
    "quantity": 2,
    "currency": "EUR",
    "tags": ["cotton", "white"],
    "url": "https://shop.example.com/men/1-1-hummingbird.html",
    "image_url": "https://shop.example.com/1-large_default/hummingbird.jpg",
}
ORDER: dict[str, Plain] = {"order_id": "17", "total": 38.24, "currency": "EUR", "products": [LINE, LINE], "coupon": "A"}
CUT = {"products_truncated": True, "products_count": 2}


def without(*names: str) -> dict[str, Plain]:
    return {name: value for name, value in LINE.items() if name not in names}


@pytest.mark.parametrize(
    ("level", "lines", "said"),
    [
        (0, [LINE, LINE], {}),
        (1, [without("image_url")] * 2, CUT),
        (2, [without("image_url", "url")] * 2, CUT),
        (3, [without("image_url", "url", "brand")] * 2, CUT),
        (4, [without("image_url", "url", "brand", "category")] * 2, CUT),
        (5, [without("image_url", "url", "brand", "category", "tags")] * 2, CUT),
        (6, [without("image_url", "url", "brand", "category", "tags")] * 2, CUT),
        (7, [without("image_url", "url", "brand", "category", "tags")], CUT),
        (8, [], CUT),
        (9, [], CUT),
    ],
)
def test_the_order_of_losses(level: int, lines: list[Plain], said: dict[str, Plain]) -> None:
    assert shorten(ORDER, level) == {**ORDER, "products": lines, **said}


def test_the_last_losses_are_properties_from_the_end() -> None:
    properties: dict[str, Plain] = {"order_id": "17", "a": "x", "total": 1, "b": "y", "currency": "EUR", "c": {"d": 1}}
    said = {"properties_truncated": True}
    assert shorten(properties, 7) == properties
    assert shorten(properties, 8) == {"order_id": "17", "a": "x", "total": 1, "b": "y", "currency": "EUR"} | said
    assert shorten(properties, 9) == {"order_id": "17", "a": "x", "total": 1, "currency": "EUR"} | said
    assert shorten(properties, 10) == {"order_id": "17", "total": 1, "currency": "EUR"} | said
    assert shorten(properties, deepest(properties)) == {"order_id": "17", "total": 1, "currency": "EUR"} | said


def test_texts_are_cut_short_only_when_no_line_is_left() -> None:
    order: dict[str, Plain] = {"coupon": "x" * 100, "products": [LINE]}
    said = {"products_truncated": True, "products_count": 1}
    assert shorten(order, 7) == {"coupon": "x" * 100, "products": [], **said}
    assert shorten(order, 8) == {"coupon": "x" * SHORT_TEXT, "products": [], **said, "properties_truncated": True}


@pytest.mark.parametrize("absurd", [["x"] * 9_000, {str(number): "x" for number in range(9_000)}])
def test_what_is_kept_to_the_last_is_a_value_not_a_heap_of_them(absurd: Plain) -> None:
    assert fit({"total": 1, "order_id": absurd}, SMALLEST_ROOM) == {"total": 1, "properties_truncated": True}


def test_a_long_text_is_cut_before_a_line_is_dropped() -> None:
    order: dict[str, Plain] = {**ORDER, "gift_message": "\U0001f381" * 40_000}
    found = fit(order, MESSAGE_BYTES)
    assert found["gift_message"] == "\U0001f381" * LONG_TEXT
    assert found["products"] == [without("image_url", "url", "brand", "category", "tags")] * 2
    assert found["properties_truncated"] is True


def test_many_long_texts_are_cut_short_before_a_property_is_dropped() -> None:
    many: dict[str, Plain] = {f"note_{number}": "x" * 900 for number in range(60)}
    found = fit({"order_id": "17", **many}, MESSAGE_BYTES)
    expected = {"order_id": "17", **dict.fromkeys(many, "x" * SHORT_TEXT), "properties_truncated": True}
    assert found == expected


@pytest.mark.parametrize("extra", [{}, {"products": []}, {"products": "none"}, {"tags": []}])
def test_what_fits_is_left_alone(extra: dict[str, Plain]) -> None:
    properties: dict[str, Plain] = {"order_id": "17", **extra}
    assert fit(properties, SMALLEST_ROOM) == properties
    assert shorten(properties, 6) == properties


@pytest.mark.parametrize("count", [120, 500, 5_000])
@pytest.mark.parametrize("name", ["Hummingbird", "\U0001f455\U0001f1eb\U0001f1f7 tee", "قميص قطني أبيض"])
def test_as_many_lines_stay_as_have_room(count: int, name: str) -> None:
    lines: list[Plain] = [{**LINE, "name": name, "product_id": str(number)} for number in range(count)]
    found = fit({**ORDER, "products": lines}, MESSAGE_BYTES)
    kept = found["products"]
    assert isinstance(kept, list)
    assert [line["product_id"] for line in kept] == [str(number) for number in range(len(kept))]
    assert size(found) <= MESSAGE_BYTES
    assert found["products_truncated"] is True
    assert found["products_count"] == count
    assert (found["order_id"], found["total"], found["currency"]) == ("17", 38.24, "EUR")
    one_more = {**found, "products": [*kept, kept[-1]]}
    assert size(one_more) > MESSAGE_BYTES or len(kept) == count


def test_no_more_is_lost_than_must_be() -> None:
    lines: list[Plain] = [{**LINE, "product_id": str(number)} for number in range(90)]
    order: dict[str, Plain] = {**ORDER, "products": lines}
    losses = [size(shorten(order, level)) for level in range(7)]
    assert losses == sorted(losses, reverse=True)
    for level in range(1, 5):
        assert fit(order, losses[level]) == shorten(order, level)


short = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
)
repeated = st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=4), st.integers(1, 6_000))
values = st.recursive(
    short | repeated,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
lines = st.builds(
    lambda line, times: [line] * times,
    st.dictionaries(st.sampled_from([*LINE, "product_properties"]), short, max_size=8),
    st.integers(0, 400),
)


@given(
    noise=st.dictionaries(st.text(max_size=8), values, max_size=6),
    products=lines | values,
    order_id=st.text(min_size=1, max_size=SHORT_TEXT),
    total=st.floats(-1e9, 1e9),
    room=st.integers(SMALLEST_ROOM, MESSAGE_BYTES),
)
def test_whatever_it_holds_it_fits_and_stays_an_order(
    noise: dict[str, Any], products: Any, order_id: str, total: float, room: int
) -> None:
    kept = {"order_id": order_id, "total": total, "currency": "EUR"}
    properties = {**noise, "products": products, **kept}
    found = fit(properties, room)
    assert size(found) <= room
    assert {name: found[name] for name in kept} == kept
    assert found == fit(properties, room)
    if size(properties) <= room:
        assert found == properties
    else:
        assert found.get("products_truncated") or found.get("properties_truncated")
