"""`python -m benchmarks.spent`: where a backfill's CPU goes, part by part, sampled in the real command."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import backfill, machine, page
from benchmarks.place import Place

_MEANS: Mapping[str, str] = {
    "read": "the shop's rows, and facts of them",
    "derive": "events of the facts",
    "compose": "messages of the events",
    "state": "outbox, ledger, checkpoints, with fsync",
    "post": "Segment's library: parse, write, pack, send",
    "engine": "what holds the parts together",
    "start": "importing, settings, the end",
}
_FUNCTIONS = 12
_HEADER = ("part", "what it does", "share", "µs of CPU for a message")


@dataclass(frozen=True, slots=True)
class Profile:
    """Samples of one run by part and by function, with the messages it sent and the seconds of CPU it took."""

    parts: Mapping[str, int]
    functions: Mapping[str, int]
    messages: int
    cpu_seconds: float

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """A line for each part, the whole last."""
        samples = sum(self.parts.values())
        whole = self.cpu_seconds / self.messages * 1e6
        for part, meaning in _MEANS.items():
            share = self.parts.get(part, 0) / samples
            yield part, meaning, f"{share:.0%}", f"{whole * share:.0f}"
        yield "in all", "", "100%", f"{whole:.0f}"

    def dearest(self) -> Iterator[tuple[str, str]]:
        """The functions that the most samples fell into, with what they call outside the poller."""
        samples = sum(self.parts.values())
        some = sorted(self.functions.items(), key=lambda found: -found[1])[:_FUNCTIONS]
        return ((name, f"{count / samples:.1%}") for name, count in some)


def take(place: Place, orders: int) -> Profile:
    """Sample the backfill of the newest orders; raises RuntimeError unless every message arrived."""
    counts = place.directory / "samples.json"
    sampled: list[str | Path] = [sys.executable, "-m", "benchmarks.sampling", counts]
    told = backfill.tell(place, orders, topic="spent", through=sampled)
    found = json.loads(counts.read_text())
    return Profile(found["parts"], found["functions"], told.came.events, told.ended.cpu_seconds)


def rendered(profile: Profile, described: Sequence[str]) -> str:
    """The table as the documentation shows it."""
    rows = [_HEADER, ("---", "---", "---:", "---:"), *profile.rows()]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
    return "\n".join((table, "", *described))


def main(arguments: Sequence[str] | None = None) -> int:
    """Sample, print, and write into the documentation if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spent", description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000, help="how many orders are told (default: 20000)")
    parser.add_argument("--write", action="store_true", help=f"put the table into {page.PAGE.name}")
    options = parser.parse_args(arguments)
    load = machine.load_average()
    with Place(options.orders) as place:
        profile = take(place, options.orders)
        described = machine.described(place, load)
    console = Console()
    for header, rows in (
        (_HEADER, profile.rows()),
        (("function, with what it calls outside", "share"), profile.dearest()),
    ):
        table = Table(*header)
        table.columns[-1].justify = "right"
        for row in rows:
            table.add_row(*row)
        console.print(table)
    if options.write:
        text = page.PAGE.read_text(encoding="utf-8")
        marks = page.PROFILE
        page.PAGE.write_text(page.with_figures(text, rendered(profile, described), marks=marks), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
