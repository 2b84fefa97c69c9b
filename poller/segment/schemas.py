"""JSON Schemas (draft-07) of the messages, one an event, as a tracking plan of Segment Protocols takes them."""

from collections.abc import Iterable, Mapping
from typing import Any

from poller.core.packing import KEPT_OF_A_LINE, KEPT_OF_AN_EVENT
from poller.core.vocabulary import EventType, Kind, Property
from poller.segment.described import ADDED, SHORTENED

DRAFT = "http://json-schema.org/draft-07/schema#"
_TEXT = {"type": "string", "minLength": 1}
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$"
_TYPES: Mapping[Kind, Mapping[str, Any]] = {
    "string": _TEXT,
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date", "pattern": _DATE},
    "time": {"type": "string", "format": "date-time", "pattern": _TIME},
    "object": {"type": "object"},
    "array": {"type": "array"},
    "any": {},
}


def schema(event: EventType, *, name: str, traits: Iterable[Property] = (), is_closed: bool = False) -> dict[str, Any]:
    """The schema of an event's messages.

    `name` is the name that is sent. `traits` are the properties that may stand among those of a track call beside its
    own, because the operator wants them there. `is_closed` forbids what is not described, for tests: a tracking plan
    tells of unplanned properties by itself.
    """
    is_identify = event.call == "identify"
    body = "traits" if is_identify else "properties"
    own = {one.name: one for one in (*traits, *ADDED)} if not is_identify else {}
    described = (*(own | {one.name: one for one in event.properties}).values(), *SHORTENED)
    found: dict[str, Any] = {
        "$schema": DRAFT,
        "title": name,
        "description": f"One for each {event.one_for}. It happened {event.happened}.",
        "type": "object",
        "required": ["type", "messageId", "timestamp", "context", body],
        "properties": {
            "type": {"const": event.call},
            "messageId": {"type": "string", "minLength": 1, "maxLength": 100},
            "timestamp": dict(_TYPES["time"]),
            "userId": {"type": ["string", "null"]},
            "anonymousId": {"type": ["string", "null"]},
            "context": {"type": "object"},
            "integrations": {"type": "object"},
            body: _object(described, is_closed=is_closed) | ({} if is_identify else _required(event.properties)),
        },
    }
    if event.call == "track":
        found["required"].append("event")
        found["properties"]["event"] = {"const": name}
    if event.call == "page":
        found["properties"]["name"] = dict(_TEXT)
    return found


def file_name(event: EventType) -> str:
    """A file's name for an event: that of the specification, so that renaming an event does not move its file."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in event.name.lower()).split()) + ".json"


def _object(properties: Iterable[Property], *, is_closed: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "object",
        "properties": {one.name: _value(one, is_closed=is_closed) for one in properties},
    }
    return found | ({"additionalProperties": False} if is_closed else {})


def _required(properties: Iterable[Property]) -> dict[str, Any]:
    """What is never absent; but a message that had to be shortened keeps only what destinations cannot do without."""
    never = [one.name for one in properties if one.absent == "never"]
    kept = [name for name in never if name in KEPT_OF_AN_EVENT]
    lost = [name for name in never if name not in KEPT_OF_AN_EVENT]
    found: dict[str, Any] = {"required": kept} if kept else {}
    return found | ({"anyOf": [{"required": lost}, {"required": ["properties_truncated"]}]} if lost else {})


def _value(described: Property, *, is_closed: bool) -> dict[str, Any]:
    found: dict[str, Any] = dict(_TYPES[described.kind])
    if described.kind == "array":
        found["items"] = _item(described, is_closed=is_closed)
    elif described.fields:
        found |= _object(described.fields, is_closed=is_closed)
    return found | {"description": _plain(described.meaning)}


def _item(described: Property, *, is_closed: bool) -> dict[str, Any]:
    if not described.fields:
        return dict(_TEXT)
    kept = [one.name for one in described.fields if one.absent == "never" and one.name in KEPT_OF_A_LINE]
    return _object(described.fields, is_closed=is_closed) | ({"required": kept} if kept else {})


def _plain(text: str) -> str:
    return text.replace("`", "")
