"""The catalogue: an answer for every event and property that an online shop is expected to tell of.

Sent, not there yet, or beyond what a database can know, with what to use instead. What is sent is seen from the
streams themselves, so that an event becomes "sent" by being emitted and by nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from poller.core.vocabulary import EventType, Group, Property
from poller.streams.asked import EVENTS, PROPERTIES

Answer: TypeAlias = Literal["sent", "not there yet", "not in the database"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event of the catalogue and its answer; `event` describes it if it is sent, else `instead` may help."""

    name: str
    group: Group
    answer: Answer
    event: EventType | None = None
    instead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyEntry:
    """A property of the catalogue, the events that carry it, and what to use if none does."""

    name: str
    answer: Answer
    events: tuple[str, ...] = ()
    instead: str = ""


def entries(emitted: Mapping[str, EventType]) -> tuple[Entry, ...]:
    """Every event that is asked for, then those that are sent beside."""
    asked = tuple(
        Entry(
            name=row.name,
            group=emitted[row.name].group if row.name in emitted else row.group,
            answer=_answer(row.name in emitted, row.instead),
            event=emitted.get(row.name),
            instead="" if row.name in emitted else row.instead,
        )
        for row in EVENTS
    )
    names = {row.name for row in EVENTS}
    beside = (event for event in emitted.values() if event.name not in names)
    return *asked, *(Entry(name=event.name, group=event.group, answer="sent", event=event) for event in beside)


def property_entries(
    emitted: Mapping[str, EventType], everywhere: tuple[Property, ...] = ()
) -> tuple[PropertyEntry, ...]:
    """Every property that is asked for; `everywhere` are those that every track call has."""
    carried: dict[str, list[str]] = {}
    for event in emitted.values():
        for name in dict.fromkeys(names_in(event.properties)):
            carried.setdefault(name, []).append(event.name)
    common = set(names_in(everywhere))
    found = []
    for row in PROPERTIES:
        events = ("every track call",) if row.name in common else tuple(carried.get(row.name, ()))
        found.append(
            PropertyEntry(
                name=row.name,
                answer=_answer(bool(events), row.instead),
                events=events,
                instead="" if events else row.instead,
            )
        )
    return tuple(found)


def names_in(properties: tuple[Property, ...]) -> list[str]:
    """The names of properties: those at the top, those of product lines, and those of an address with its dot."""
    found = []
    for one in properties:
        found.append(one.name)
        for field in one.fields:
            found.append(f"{one.name}.{field.name}")
            if one.name == "products":
                found.append(field.name)
    return found


def _answer(is_sent: bool, instead: str) -> Answer:  # noqa: FBT001 - a fact, not an option
    if is_sent:
        return "sent"
    return "not in the database" if instead else "not there yet"
