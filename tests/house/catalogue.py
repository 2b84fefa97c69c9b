"""The catalogue as the reference page shows it: every event and property, from the streams' own descriptions."""

from collections.abc import Iterator

from poller.core.vocabulary import EventType, Property
from poller.segment.described import ADDED, CONTEXT, MESSAGE, SHORTENED
from poller.streams.catalogue import Entry, PropertyEntry, entries, property_entries
from poller.streams.registry import event_types

HEAD = ["| property | type | meaning | source | versions | absent |", "| --- | --- | --- | --- | --- | --- |"]


def event_answers() -> str:
    """One row for each event of the catalogue."""
    rows = ["| event | group | answer | one for each; or what to use instead |", "| --- | --- | --- | --- |"]
    rows += [f"| {_linked(entry)} | {entry.group} | {_answer(entry)} | {_told(entry)} |" for entry in _entries()]
    return "\n".join(rows)


def property_answers() -> str:
    """One row for each property of the catalogue."""
    rows = ["| property | answer | on; or what to use instead |", "| --- | --- | --- |"]
    answers = property_entries(event_types(), (*ADDED, *SHORTENED))
    rows += [f"| `{entry.name}` | {entry.answer} | {_where(entry)} |" for entry in answers]
    return "\n".join(rows)


def message_fields() -> str:
    """What every message carries."""
    return "\n\n".join(
        [
            "\n".join([*HEAD, *_rows(MESSAGE)]),
            "Fields of `context`:",
            "\n".join([*HEAD, *_rows(CONTEXT)]),
        ]
    )


def common_properties() -> str:
    """What every track call carries."""
    return "\n".join([*HEAD, *_rows((*ADDED, *SHORTENED))])


def event_details() -> str:
    """A section for each event that is sent, with its properties."""
    return "\n\n".join(_section(event) for event in event_types().values())


def _entries() -> tuple[Entry, ...]:
    return entries(event_types())


def _linked(entry: Entry) -> str:
    anchor = entry.name.lower().replace(" ", "-")
    return f"[`{entry.name}`](#{anchor})" if entry.event else f"`{entry.name}`"


def _answer(entry: Entry) -> str:
    needs = entry.event.needs if entry.event else ()
    return entry.answer + (f" where {' and '.join(f'`{table}`' for table in needs)} is there" if needs else "")


def _told(entry: Entry) -> str:
    return entry.event.one_for if entry.event else entry.instead


def _where(entry: PropertyEntry) -> str:
    if not entry.events:
        return entry.instead
    return ", ".join(name if name.startswith("every ") else f"`{name}`" for name in entry.events)


def _section(event: EventType) -> str:
    parts = [f"### {event.name}", f"One for each {event.one_for}. It happened {event.happened}."]
    if event.xcommerce:
        parts.append(f"With `spelling: xcommerce` it is called `{event.xcommerce}`.")
    if event.needs:
        parts.append(f"Needs {', '.join(f'`{table}`' for table in event.needs)}: without, it never comes.")
    parts.append("\n".join([*HEAD, *_rows(event.properties)]))
    return "\n\n".join(parts)


def _rows(properties: tuple[Property, ...], within: str = "") -> Iterator[str]:
    """A row for each property; the fields of an object or of an array's items follow it, with their path."""
    for one in properties:
        path = f"{within}{one.name}"
        since = f"from {one.since}" if one.since else "all"
        yield f"| `{path}` | {one.kind} | {one.meaning} | {one.source} | {since} | {one.absent} |"
        yield from _rows(one.fields, f"{path}[]." if one.kind == "array" else f"{path}.")
