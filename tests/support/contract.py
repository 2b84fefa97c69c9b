"""Whether a message keeps to the catalogue: its event's JSON Schema, closed, by a validator that knows formats."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft7Validator

from poller.segment.schemas import schema
from poller.streams.described import TRAITS
from poller.streams.registry import event_types


def complaints(message: Mapping[str, Any]) -> list[str]:
    """What is wrong with a message as it was sent, under the specification's name; nothing if all is well."""
    validator = _validators().get(str(message.get("event", message["type"])))
    if validator is None:
        return [f"no event of that name: {message.get('event', message['type'])}"]
    body = {name: value for name, value in message.items() if name != "thing"}
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(body)]


@cache
def _validators() -> Mapping[str, Draft7Validator]:
    """By the specification's name, and by Xcommerce's."""
    found = {}
    for event in event_types().values():
        for name in filter(None, (event.name, event.xcommerce)):
            closed = schema(event, name=name, traits=TRAITS, is_closed=True)
            found[name] = Draft7Validator(closed, format_checker=Draft7Validator.FORMAT_CHECKER)
    return found
