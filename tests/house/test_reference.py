"""The reference says what the program does: everything in it, nothing beside it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from poller import errors
from poller.config import known_settings
from poller.core.vocabulary import Property
from poller.engine.deliveries import Burial, DeliverReport
from poller.engine.reports import PollReport
from poller.segment.described import ADDED, CONTEXT, MESSAGE, SHORTENED
from poller.streams.asked import EVENTS, PROPERTIES
from poller.streams.catalogue import entries, names_in
from poller.streams.registry import event_types
from tests.house import reference
from tests.house.pages import DOCS, REFERENCE, ROOT, blocks, code, prose, sections, table
from tests.house.source import log_events
from tests.house.told import messages
from tests.support.contract import complaints

LOGS = sections(REFERENCE / "logs.md")


def test_generated_pages_are_fresh() -> None:
    stale = [page.name for page, text, fresh in reference.written() if text != fresh]
    assert not stale, f"run: {reference.COMMAND}"


def test_every_generated_block_has_its_page() -> None:
    found = [name for page in REFERENCE.glob("*.md") for name in blocks(page.read_text(encoding="utf-8"))]
    assert sorted(found) == sorted(reference.GENERATED)


def test_every_command_and_option_is_described() -> None:
    """Generated from the program: this fails where an option explains itself to nobody."""
    for words, command in reference.commands():
        assert command.help, words
        undescribed = [parameter.name for parameter in command.params if not parameter.help]
        assert not undescribed, words


@pytest.mark.parametrize("page", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.stem)
def test_no_page_names_a_command_or_option_that_is_not_there(page: Any) -> None:
    options = {
        words: {
            option for parameter in command.params if parameter.param_type_name == "option" for option in parameter.opts
        }
        for words, command in reference.commands()
    }
    everywhere = {"--config", "--version", "--help", "-h"}
    for snippet in re.findall(r"\bpoller ((?:[a-z][a-z-]*)(?: [^`\n#|(),;]+)?)", "\n".join(_commands_in(page))):
        words = snippet.split()
        name = next((known for known in (" ".join(words[:2]), words[0]) if known in options), None)
        is_group = any(known.startswith(f"{words[0]} ") for known in options)
        assert name or is_group, f"{page.name}: poller {snippet}"
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        known = everywhere | (options[name] if name else set())
        assert used <= known, f"{page.name}: poller {snippet}"


def _commands_in(page: Any) -> list[str]:
    """What stands in code: between backticks, and in blocks of shell."""
    text = page.read_text(encoding="utf-8")
    shell = re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    lines = [
        line for block in shell for line in block.splitlines() if re.match(r"(sudo env \S+ )?\S*poller [a-z]", line)
    ]
    return [*(snippet for snippet in code(prose(page)) if snippet.startswith("poller ")), *lines]


def test_every_setting_that_pages_name_exists() -> None:
    known = set(known_settings())
    parts = {name.rpartition(".")[0] for name in known} - {""}
    for page in (ROOT / "README.md", *DOCS.rglob("*.md")):
        for snippet in code(prose(page)):
            section = snippet.partition(".")[0]
            if re.fullmatch(r"(shop|segment|state|schedule|log|user_id)\.[a-z_]+", snippet) and section in parts:
                assert snippet in known or snippet in _COLUMNS or snippet == "state.db", f"{page.name}: {snippet}"
        text = page.read_text(encoding="utf-8")
        variables = {reference.variable(name) for name in known} | {"POLLER_CONFIG"}
        named = re.findall(r"\bPOLLER_[A-Z_]*[A-Z]\b", text)
        assert {variable.removesuffix("_FILE") for variable in named} <= variables, page.name


# ------------------------------------------------------------ events


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _paths(values: Mapping[str, Any], within: str = "") -> Iterator[str]:
    """Every property there is, those within objects and lists of objects by their path."""
    for name, value in values.items():
        yield f"{within}{name}"
        if isinstance(value, dict):
            yield from _paths(value, f"{within}{name}.")
        elif isinstance(value, list):
            for item in (item for item in value if isinstance(item, dict)):
                yield from _paths(item, f"{within}{name}[].")


def _described(properties: Sequence[Property], within: str = "") -> Iterator[str]:
    for one in properties:
        yield f"{within}{one.name}"
        yield from _described(one.fields, f"{within}{one.name}[]." if one.kind == "array" else f"{within}{one.name}.")


MESSAGES = [dict(message) for message in messages()]


def test_every_message_is_as_its_schema_says() -> None:
    """Types, what is never absent, and nothing that is not described."""
    for message in MESSAGES:
        assert complaints(message) == [], message.get("event", message["type"])


def test_every_property_that_is_described_is_sent() -> None:
    """A description of what never comes is a promise nobody keeps."""
    for event in event_types().values():
        bodies = [m.get("properties") or m["traits"] for m in MESSAGES if m.get("event", m["type"]) == event.name]
        sent = {path for body in bodies for path in _paths(body)}
        assert set(_described(event.properties)) - sent == set(), event.name


def test_every_field_of_a_message_is_described_and_no_other() -> None:
    fields = {name for message in MESSAGES for name in _kept(message)} - {"thing"}
    assert fields == {one.name for one in MESSAGE}
    assert {name for message in MESSAGES for name in message["context"]} == {one.name for one in CONTEXT}


def test_every_common_property_is_sent() -> None:
    sent = {name for message in MESSAGES for name in message.get("properties", {})}
    assert {one.name for one in (*ADDED, *SHORTENED)} <= sent


def test_every_event_has_an_answer() -> None:
    answers = {entry.name: entry.answer for entry in entries(event_types())}
    assert {name for name, answer in answers.items() if answer == "sent"} == set(event_types())
    assert len(answers) == len(entries(event_types())), "asked for twice"


def test_nothing_that_is_sent_is_said_to_be_unknowable() -> None:
    """`instead` beside an event or property that a stream tells after all would mislead."""
    assert not {row.name for row in EVENTS if row.instead} & set(event_types())
    sent = {name for event in event_types().values() for name in names_in(event.properties)}
    assert not {row.name for row in PROPERTIES if row.instead} & sent


def _columns() -> set[str]:
    script = (ROOT / "sql" / "demo" / "schema.sql").read_text(encoding="utf-8")
    found = set()
    for name, body in re.findall(r"CREATE TABLE `PREFIX_(\w+)` \((.*?)\n\)", script, re.DOTALL):
        found.add(name)
        found.update(f"{name}.{column}" for column in re.findall(r"^    `(\w+)`", body, re.MULTILINE))
    return found


_COLUMNS = _columns()


def test_every_column_named_as_a_source_exists() -> None:
    for title, text in sections(REFERENCE / "events.md").items():
        for row in table(text):
            if len(row) == 6:
                named = {snippet for snippet in code(row[3]) if re.fullmatch(r"[a-z_]+\.[a-z_]+", snippet)}
                assert named - set(known_settings()) <= _COLUMNS, f"{title}: {row[0]}"


# ------------------------------------------------------------ logs, exit codes, errors


def test_every_log_event_is_described_and_no_other() -> None:
    # A line for each job and kind of event; but the job that delivers finishes nothing, it tells of batches.
    assert {code(row[0])[0] for row in table(LOGS["Logs"])} == log_events() - {"deliver.finished"}


def test_the_fields_of_a_look_are_described() -> None:
    something = {"x": "y"}
    report = PollReport(
        lane="live",
        rows={"orders": 1},
        things=1,
        events={"Order Completed": 1},
        found_by_sweep=1,
        gaps=1,
        failed=something,
        stopped=something,
        postponed=something,
        slowed={"orders": 1.0},
        has_more=True,
        seconds=1.0,
        database_seconds=1.0,
    )
    assert [code(row[0])[0] for row in table(LOGS["Fields of a look"])] == list(report.as_log())


def test_the_fields_of_a_delivery_are_described() -> None:
    report = replace(
        DeliverReport(source="shop 2"),
        delivered=1,
        deferred=1,
        burials=(Burial(message_id=UUID(int=1), name="x", thing="order", key=1, reason="x"),),
        attempts=1,
        slowest=timedelta(seconds=1),
        waiting=1.0,
        reason="x",
        hint="y",
    )
    assert [code(row[0])[0] for row in table(LOGS["Fields of a delivery"])] == list(report.as_log())


def test_every_error_is_described_with_its_exit_code_and_no_other() -> None:
    leaves = {
        name: str(kind.exit_code)
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.PollerError) and not kind.__subclasses__()
    }
    assert {code(row[0])[0]: row[1] for row in table(LOGS["Errors"])} == leaves
    exits = {number for row in table(LOGS["Exit codes"]) for number in row[0].split(", ")}
    assert {str(code) for code in (0, 1, 2, 130, 143)} | set(leaves.values()) == exits
