"""What can be said of an event before one is sent: its name, when it happens, its properties and their sources.

The reference page, the JSON Schemas and the list of known event names all come from here; a stream describes what it
emits beside its derive, as a tuple of EventType that its Stream names in `emits`. What every message carries (ids,
context, `sent_from`, what a shortened one says of itself) is not repeated there: see segment.described.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from poller.core.events import Call

Group: TypeAlias = Literal["order", "checkout", "product", "customer", "email", "page"]
"""What an operator switches together."""

Kind: TypeAlias = Literal["string", "number", "integer", "boolean", "date", "time", "object", "array", "any"]
"""A property's type; `date` and `time` are texts in ISO 8601, a time with its Z; `any` is what a column holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of an event, or one trait.

    `source` is the column (`orders.reference`) or the rule it comes from, `absent` when it is left out (`never`, or a
    condition), `since` the first PrestaShop version that has it (empty: all). `fields` describe an object, or each
    item of an array.
    """

    name: str
    kind: Kind
    meaning: str
    source: str
    absent: str = "never"
    since: str = ""
    fields: tuple["Property", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One event of the catalogue.

    `name` is the specification's (or our own where it has none), `xcommerce` the name in Xcommerce's tables where that
    is another. `one_for` says what there is one of it for, and `happened` what dates it. `needs` names the optional
    tables without which it never comes. `is_on`: sent unless the
    operator switches it off; else only if they switch it on.
    """

    name: str
    call: Call = "track"
    group: Group
    one_for: str
    happened: str
    properties: tuple[Property, ...]
    needs: tuple[str, ...] = ()
    is_on: bool = True
    xcommerce: str = ""
