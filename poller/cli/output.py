"""What commands print on stdout: JSON for programs, tables for people."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

_PIPED_WIDTH = 160


def print_json(value: object) -> None:
    """One JSON document, indented; money is a number, a duration is seconds."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n")


def print_fields(fields: Mapping[str, object]) -> None:
    """Names and values, one a line; what is empty is left out."""
    shown = {name.replace("_", " "): _text(value) for name, value in fields.items()}
    width = max((len(name) for name in shown), default=0)
    for name, text in shown.items():
        if text:
            sys.stdout.write(f"{name:<{width}}  {text}\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table, as wide as the terminal; in a pipe, wide enough."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        # Text, not str: what comes from a shop may hold square brackets, which rich would read as markup.
        table.add_row(*(Text(_text(cell)) for cell in row))
    console.print(table)


def ago(moment: datetime | None, now: datetime) -> str:
    """How long something waits, roughly: `3 min`."""
    if moment is None:
        return ""
    return about(max((now - moment).total_seconds(), 0))


def about(seconds: float) -> str:
    """A stretch of time, roughly: `3 min`."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _text(value: object) -> str:
    match value:
        case bool():
            text = "yes" if value else "no"
        case datetime():
            text = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        case timedelta():
            text = f"{value.total_seconds():g} s"
        case Mapping():
            text = ", ".join(f"{key}: {_text(inner)}" for key, inner in value.items())
        case list() | tuple():
            text = ", ".join(_text(inner) for inner in value)
        case _:
            text = "" if value is None else str(value)
    return text


def _plain(value: Any) -> object:
    """What json cannot write by itself."""
    plain: object = str(value)
    match value:
        case datetime():
            plain = value.isoformat()
        case timedelta():
            plain = value.total_seconds()
        case Decimal():
            plain = int(value) if value == value.to_integral_value() else float(value)
        case Mapping():
            plain = dict(value)
        case set() | frozenset():
            plain = sorted(value, key=str)
        case _ if is_dataclass(value) and not isinstance(value, type):
            plain = asdict(value)
    return plain
