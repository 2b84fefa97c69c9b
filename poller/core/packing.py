"""Segment's size limits, and what a message that exceeds them loses, in which order.

An order is never lost: in the worst case it is told without its lines, and says so.
"""

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TypeAlias, TypeGuard

Plain: TypeAlias = "str | int | float | bool | Sequence[Plain] | Mapping[str, Plain]"
"""JSON without null: what properties are once nothing needs to be converted any more."""

MESSAGE_BYTES = 32_767
"""The largest message: Segment's 32 KB, counted as sent, where a letter outside ASCII takes six bytes."""
BATCH_ROWS = 500
BATCH_BYTES = 473_000
"""The most text in one batch, so that with commas, the key and the time it stays below 475,000 bytes."""

SMALLEST_ROOM = 8_000
"""Whatever the properties, they can be shortened to fit into so many bytes."""

LONG_TEXT = 1_000
"""Characters left of an absurdly long text, before a line is dropped for it."""
SHORT_TEXT = 60
"""Characters left of every text, when there is no line left to drop."""

LOSSES: tuple[str, ...] = ("image_url", "url", "brand", "category")
"""What product lines lose, one after the other."""
KEPT_OF_A_LINE = frozenset({"product_id", "sku", "name", "variant", "price", "quantity", "currency"})
"""What is left of a line when all its details are gone: what destinations refuse a line without."""
KEPT_OF_AN_EVENT = ("order_id", "total", "currency", "revenue", "cart_id", "checkout_id", "reason", "email", "userId")
"""What is left of the properties when all else is gone."""

_ALL_DETAILS = len(LOSSES) + 1
_LONG_TEXTS = _ALL_DETAILS + 1


def size(value: Plain) -> int:
    """Bytes of JSON text as the library sends it: ASCII, a space after commas and colons."""
    return len(json.dumps(value, allow_nan=False))


def fit(properties: Mapping[str, Plain], room: int) -> dict[str, Plain]:
    """The properties, with as little lost as brings them down to `room` bytes (at least SMALLEST_ROOM)."""
    if size(properties) <= room:
        return dict(properties)
    levels = range(1, deepest(properties) + 1)
    at = bisect_left(levels, True, key=lambda level: size(shorten(properties, level)) <= room)  # noqa: FBT003 - sought
    return shorten(properties, levels[min(at, len(levels) - 1)])


def deepest(properties: Mapping[str, Plain]) -> int:
    """The last level at which there is something left to lose."""
    return _LONG_TEXTS + len(_lines(properties)) + 1 + len(properties)


def shorten(properties: Mapping[str, Plain], level: int) -> dict[str, Plain]:
    """The properties after `level` losses; each level loses what the one before it lost, and one thing more.

    1 to 4: image_url, url, brand, category of every product line; 5: their other details; 6: what exceeds LONG_TEXT in
    any text; then one line a level, from the end; then what exceeds SHORT_TEXT; then one property a level, from the
    end, save KEPT_OF_AN_EVENT. Where lines lost something, `products_truncated` says so and `products_count` tells how
    many there were; where anything else did, `properties_truncated`.
    """
    lines = _lines(properties)
    beyond_lines = level - _LONG_TEXTS - len(lines)
    rest = {name: value for name, value in properties.items() if name != "products" or not _is_list(value)}
    kept_lines = [_line(line, level) for line in lines[: min(len(lines), max(-beyond_lines, 0))]]
    kept_rest = _rest(rest, level, beyond_lines=beyond_lines)
    kept: dict[str, Plain] = {"products": kept_lines, **kept_rest}
    found: dict[str, Plain] = {name: kept[name] for name in properties if name in kept}
    if kept_lines != list(lines):
        found |= {"products_truncated": True, "products_count": len(lines)}
    if kept_rest != rest:
        found["properties_truncated"] = True
    return found


def _is_list(value: Plain) -> TypeGuard[Sequence[Plain]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _lines(properties: Mapping[str, Plain]) -> Sequence[Plain]:
    lines = properties.get("products", ())
    return lines if _is_list(lines) else ()


def _line(line: Plain, level: int) -> Plain:
    if isinstance(line, Mapping):
        lost = LOSSES[:level]
        line = {
            name: value
            for name, value in line.items()
            if name not in lost and (level < _ALL_DETAILS or name in KEPT_OF_A_LINE)
        }
    return _cut(line, LONG_TEXT) if level >= _LONG_TEXTS else line


def _rest(rest: Mapping[str, Plain], level: int, *, beyond_lines: int) -> dict[str, Plain]:
    """Everything beside the product lines; `beyond_lines` counts the levels since the last of those was dropped."""
    if level < _LONG_TEXTS:
        return dict(rest)
    if beyond_lines <= 0:
        return {name: _cut(value, LONG_TEXT) for name, value in rest.items()}
    optional = [
        name
        for name, value in rest.items()
        if name not in KEPT_OF_AN_EVENT or isinstance(value, Mapping) or _is_list(value)
    ]
    dropped = set(optional[max(len(optional) - beyond_lines + 1, 0) :])
    return {name: _cut(value, SHORT_TEXT) for name, value in rest.items() if name not in dropped}


def _cut(value: Plain, length: int) -> Plain:
    match value:
        case str():
            return value[:length]
        case Mapping():
            return {name: _cut(inner, length) for name, inner in value.items()}
        case Sequence():
            return [_cut(inner, length) for inner in value]
        case _:
            return value
