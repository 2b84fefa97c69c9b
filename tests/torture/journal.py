"""A workload's log and what arrived, as files that the oracle reads: one JSON object a line."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from poller.demo.book import Deed
from poller.demo.receiver import Arrival


def deed_lines(deeds: Iterable[Deed]) -> list[dict[str, Any]]:
    """Deeds as the oracle takes them; what is not known is left out."""
    return [{name: _plain(value) for name, value in asdict(deed).items() if value is not None} for deed in deeds]


def arrival_lines(arrivals: Iterable[Arrival]) -> list[dict[str, Any]]:
    """Arrivals as the oracle takes them."""
    return [{"at": arrival.at.isoformat(), "message": arrival.message} for arrival in arrivals]


def write(path: Path, lines: Iterable[dict[str, Any]]) -> Path:
    """Write a file of such lines."""
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value
