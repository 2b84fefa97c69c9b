"""The generated parts of docs/reference: `python -m tests.house.reference --write` writes them, a test compares."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from poller.cli.main import app
from poller.cli.sql import sentence, statement_files
from poller.config import documented_settings
from poller.observe.metrics import METRICS
from poller.shop.statements import Statement, statements
from tests.house.catalogue import common_properties, event_answers, event_details, message_fields, property_answers
from tests.house.pages import REFERENCE, blocks, filled

COMMAND = "python -m tests.house.reference --write"


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by its words (`dead-letters list`), in the order of `--help`."""
    yield from _below("", typer.main.get_command(app))


def _below(words: str, group: Any) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        path = f"{words} {name}".strip()
        if hasattr(command, "commands"):
            yield from _below(path, command)
        else:
            yield path, command


def command_reference() -> str:
    parts = [_global_options(), *(_command(words, command) for words, command in commands())]
    return "\n\n".join(parts)


def _global_options() -> str:
    root = typer.main.get_command(app)
    return "\n".join(["## poller", "", str(root.help), "", *_parameters(root)])


def _command(words: str, command: Any) -> str:
    usage = " ".join(filter(None, ["poller", words, *(_usage(parameter) for parameter in command.params)]))
    lines = [f"## {words}", "", f"`{usage}`", "", _paragraphs(command.help), "", *_parameters(command)]
    return "\n".join(lines).strip()


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _usage(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        word = f"{parameter.metavar}{'...' if parameter.nargs == -1 else ''}"
        return word if parameter.required else f"[{word}]"
    return _spelling(parameter) if parameter.required else ""


def _spelling(parameter: Any) -> str:
    return parameter.opts[0] if parameter.is_flag else f"{parameter.opts[0]} {_value(parameter)}"


def _value(parameter: Any) -> str:
    return str(parameter.metavar or "NUMBER")


def _parameters(command: Any) -> list[str]:
    rows = []
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            name, default = f"{parameter.metavar}", "required" if parameter.required else ""
        else:
            name, default = _spelling(parameter), _default(parameter)
        rows.append(f"| `{name}` | {default} | {parameter.help} |")
    return ["| argument or option | default | meaning |", "| --- | --- | --- |", *rows] if rows else []


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    return "" if parameter.is_flag or parameter.default is None else f"`{parameter.default}`"


def settings_reference() -> str:
    rows = ["| setting | default | meaning | environment |", "| --- | --- | --- | --- |"]
    for setting in documented_settings():
        default = setting.default if setting.default in {"", "required"} else f"`{setting.default}`"
        rows.append(f"| `{setting.name}` | {default} | {setting.meaning} | `{variable(setting.name)}` |")
    return "\n".join(rows)


def variable(setting: str) -> str:
    """The environment's spelling of a setting."""
    return f"POLLER_{setting.upper().replace('.', '__')}"


def statement_reference() -> str:
    rows = ["| statement | what it does | reads | served by |", "| --- | --- | --- | --- |"]
    known = statements()
    for name, file in statement_files().items():
        statement = known.get(name)
        reads, served = (_reads(statement), statement.served_by) if statement else ("", "")
        rows.append(f"| [`{name}`](../../sql/{name}.sql) | {sentence(file)} | {reads} | {served} |")
    return "\n".join(rows)


def _reads(statement: Statement) -> str:
    marked = {column.partition(".")[0] for column in statement.optional}
    return ", ".join(
        f"`{table}`" + (" (may be absent)" if table in statement.needs else " *" if table in marked else "")
        for table in statement.reads
        if table != "nothing"
    )


def metric_reference() -> str:
    rows = ["| metric | kind | labels | meaning |", "| --- | --- | --- | --- |"]
    for metric in METRICS:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        rows.append(f"| `{metric.name}` | {metric.kind} | {labels} | {metric.meaning} |")
    return "\n".join(rows)


GENERATED: Mapping[str, Callable[[], str]] = {
    "commands": command_reference,
    "metrics": metric_reference,
    "events": event_answers,
    "properties": property_answers,
    "message": message_fields,
    "common": common_properties,
    "details": event_details,
    "settings": settings_reference,
    "statements": statement_reference,
}


def written() -> Iterator[tuple[Path, str, str]]:
    """Each page with generated blocks: the page, its text, and the text it should have."""
    for page in sorted(REFERENCE.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        fresh = text
        for name in blocks(text):
            fresh = filled(fresh, name, GENERATED[name]())
        if blocks(text):
            yield page, text, fresh


def main() -> int:
    """Compare, or write."""
    parser = argparse.ArgumentParser(prog="python -m tests.house.reference", description=__doc__)
    parser.add_argument("--write", action="store_true", help="bring the pages up to date")
    is_writing = parser.parse_args().write
    stale = [(page, fresh) for page, text, fresh in written() if text != fresh]
    for page, fresh in stale:
        if is_writing:
            page.write_text(fresh, encoding="utf-8")
        sys.stdout.write(f"{'written' if is_writing else 'stale'}: {page.relative_to(REFERENCE.parent.parent)}\n")
    return 1 if stale and not is_writing else 0


if __name__ == "__main__":
    sys.exit(main())
