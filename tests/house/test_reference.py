"""The reference says what the program does: everything in it, nothing beside it."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from poller import errors
from poller.config import known_settings
from poller.engine.deliver import Burial, DeliverReport
from poller.engine.reports import PollReport
from poller.streams.registry import STREAMS
from tests.house import reference
from tests.house.pages import DOCS, REFERENCE, ROOT, blocks, code, prose, sections, table
from tests.house.source import log_events
from tests.house.told import messages

EVENTS = sections(REFERENCE / "events.md")
LOGS = sections(REFERENCE / "logs.md")
ON_EVERY_ORDER_EVENT = ("Order properties", "Flags")
OF_A_CUSTOMER = ("identify",)
TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


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
        assert set(re.findall(r"\bPOLLER_[A-Z_]*[A-Z]\b", text)) <= variables, page.name


# ------------------------------------------------------------ events


def _documented(*titles: str) -> dict[str, str]:
    """The properties that those sections describe, with their types."""
    return {code(row[0])[0]: row[1] for title in titles for row in table(EVENTS[title])}


def _sent() -> dict[str, dict[str, set[str]]]:
    """The properties of every message the streams make, by kind of message, with their types."""
    found: dict[str, dict[str, set[str]]] = {}

    def note(kind: str, values: dict[str, Any]) -> None:
        for name, value in values.items():
            if value is not None:
                found.setdefault(kind, {}).setdefault(name, set()).add(TYPES[type(value)])

    for message in messages():
        kind = message.get("event") or f"identify {message['thing']}"
        note(kind, message.get("properties") or message["traits"])
        note("message", {name: value for name, value in message.items() if name != "thing"})
        note("context", message["context"])
        for product in message.get("properties", {}).get("products", ()):
            note("product", product)
    return found


SENT = _sent()


@pytest.mark.parametrize(
    ("kind", "titles"),
    [
        ("Order Completed", ("Order Completed", *ON_EVERY_ORDER_EVENT)),
        ("Order Cancelled", ("Order Cancelled", *ON_EVERY_ORDER_EVENT)),
        ("Order Refunded", ("Order Refunded", *ON_EVERY_ORDER_EVENT)),
        ("identify order", ("identify", "Beside an order event")),
        ("identify customer", OF_A_CUSTOMER),
        ("identify cart", OF_A_CUSTOMER),
        ("product", ("Product lines",)),
    ],
)
def test_every_property_that_is_sent_is_described_and_no_other(kind: str, titles: tuple[str, ...]) -> None:
    sent = {name: "/".join(sorted(types)) for name, types in SENT[kind].items()}
    assert sent == _documented(*titles)


def test_every_field_of_a_message_is_described_and_no_other() -> None:
    rows = {code(row[0])[0]: row[1] for row in table(EVENTS["The message"])}
    sent = {name: "/".join(sorted(types)) for kind in ("message", "context") for name, types in SENT[kind].items()}
    assert sent == rows


def test_every_event_is_described_and_no_other() -> None:
    rows = {code(row[0])[0] for row in table(EVENTS["Events"])}
    assert rows == {name for stream in STREAMS for name in stream.emits}
    assert rows <= set(EVENTS)


def _columns() -> set[str]:
    script = (ROOT / "sql" / "demo" / "schema.sql").read_text(encoding="utf-8")
    found = set()
    for name, body in re.findall(r"CREATE TABLE `PREFIX_(\w+)` \((.*?)\n\)", script, re.DOTALL):
        found.add(name)
        found.update(f"{name}.{column}" for column in re.findall(r"^    `(\w+)`", body, re.MULTILINE))
    return found


_COLUMNS = _columns()


def test_every_column_named_as_a_source_exists() -> None:
    for title, text in EVENTS.items():
        for row in table(text):
            if len(row) > 4:
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
        has_more=True,
        seconds=1.0,
    )
    assert [code(row[0])[0] for row in table(LOGS["Fields of a look"])] == list(report.as_log())


def test_the_fields_of_a_delivery_are_described() -> None:
    report = replace(
        DeliverReport(),
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
