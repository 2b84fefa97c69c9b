"""Segment's documented rules for a batch, enforced: Segment itself answers 200 to much that it later drops.

Source: docs/connections/sources/catalog/libraries/server/http-api and docs/connections/rate-limits.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MESSAGE_BYTES = 32 * 1024
BATCH_BYTES = 500_000
BATCH_MESSAGES = 2_500
MESSAGE_ID_CHARACTERS = 100
TYPES = ("track", "identify", "page", "screen", "group", "alias")

_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Body:
    """A batch request's body: its fields but the batch, the messages, and the bytes each took as it was sent."""

    fields: Mapping[str, Any]
    messages: Sequence[Any]
    sizes: Sequence[int]


def parse(text: str) -> Body:
    """Read a body. Raises ValueError if it is no JSON object; NaN and Infinity are no JSON."""
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    fields: dict[str, Any] = {}
    messages: list[Any] = []
    sizes: list[int] = []

    def member(at: int) -> int:
        name, at = decoder.raw_decode(text, at)
        if not isinstance(name, str):
            raise ValueError(f"{name!r} is no name")  # noqa: TRY004 - a malformed text, not a wrong argument
        at = _skip(text, _expect(text, _skip(text, at), ":"))
        if name == "batch" and text[at : at + 1] == "[":
            return _sequence(text, at, ("[", "]"), element)
        fields[name], at = decoder.raw_decode(text, at)
        return at

    def element(at: int) -> int:
        message, end = decoder.raw_decode(text, at)
        messages.append(message)
        sizes.append(len(text[at:end].encode()))
        return end

    end = _sequence(text, _skip(text, 0), ("{", "}"), member)
    if _skip(text, end) != len(text):
        raise ValueError(f"something follows the body at character {end}")
    return Body(fields, messages, sizes)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _expect(text: str, at: int, character: str) -> int:
    if text[at : at + 1] != character:
        raise ValueError(f"no {character} at character {at}")
    return at + 1


def _sequence(text: str, at: int, brackets: tuple[str, str], item: Callable[[int], int]) -> int:
    """Read items between brackets, separated by commas; returns where it ends."""
    opening, closing = brackets
    at = _skip(text, _expect(text, at, opening))
    if text[at : at + 1] == closing:
        return at + 1
    while True:
        at = _skip(text, item(_skip(text, at)))
        if text[at : at + 1] == closing:
            return at + 1
        at = _expect(text, at, ",")


def violations(body: Body) -> list[str]:
    """Which rules the messages break, each with the message's id."""
    if not body.messages:
        return ["no batch, or an empty one"]
    if len(body.messages) > BATCH_MESSAGES:
        return [f"a batch of {len(body.messages)} messages"]
    return [
        f"{message.get('messageId')}: {rule}" if isinstance(message, dict) else "a message that is no object"
        for message, size in zip(body.messages, body.sizes, strict=True)
        for rule in _broken(message, size)
    ]


def _broken(message: Any, size: int) -> list[str]:
    if not isinstance(message, dict):
        return ["no object"]
    identity, event = message.get("messageId"), message.get("event")
    people = [message.get("userId"), message.get("anonymousId")]
    rules = {
        f"larger than {MESSAGE_BYTES} bytes: {size}": size <= MESSAGE_BYTES,
        "no messageId": isinstance(identity, str) and bool(identity),
        f"a messageId longer than {MESSAGE_ID_CHARACTERS}": len(str(identity)) <= MESSAGE_ID_CHARACTERS,
        "neither userId nor anonymousId": any(people),
        "an id that is no text": all(isinstance(person, str | None) for person in people),
        "an unknown type": message.get("type") in TYPES,
        "no event name": message.get("type") != "track" or (isinstance(event, str) and bool(event.strip())),
        "no timestamp with a zone": _has_zone(message.get("timestamp")),
        "properties that are no object": isinstance(message.get("properties", {}), dict),
        "traits that are no object": isinstance(message.get("traits", {}), dict),
    }
    return [rule for rule, holds in rules.items() if not holds]


def _has_zone(value: Any) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
