"""From the poller's values to plain JSON: numbers, texts, lists and objects, nothing absent, nothing unsendable."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite

from poller.core.packing import Plain
from poller.errors import BugError


def plain(found: Mapping[str, object], *, of: str) -> dict[str, Plain]:
    """The mapping without what is absent: None, empty text and empty objects, at any depth.

    Decimals become JSON numbers (the streams have rounded them), times ISO 8601 with a Z. `of` names the event in the
    BugError that an infinite number, a naive time or a value of another type raises: the library would put NaN on the
    wire, guess a zone, or drop the property without a word.
    """
    values = {sendable(name): _plain(value, where=f"{of}: {name}") for name, value in found.items()}
    return {name: value for name, value in values.items() if value is not None and value not in ("", {})}


def _plain(value: object, *, where: str) -> "Plain | None":
    match value:
        case None | bool() | int():
            return value
        case str():
            return sendable(value)
        case Decimal() | float():
            return _number(value, where=where)
        case date():
            return _moment(value, where=where)
        case Mapping():
            return plain(value, of=where)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            items = [_plain(item, where=where) for item in value]
            return [item for item in items if item is not None and item not in ("", {})]
        case _:
            raise BugError(f"{where} is a {type(value).__name__}, which JSON does not know.")


def sendable(text: str) -> str:
    """The text as UTF-8 can carry it: a surrogate without its partner becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _number(value: Decimal | float, *, where: str) -> float:
    number = float(value)
    if not isfinite(number):
        raise BugError(f"{where} is not a finite number.")
    return number


def _moment(value: date, *, where: str) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise BugError(f"{where} is a naive time.")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
