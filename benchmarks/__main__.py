"""`python -m benchmarks`: measure everything that is claimed about speed, on this machine, in a few minutes."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from benchmarks import backfill, live, machine, page, sweep
from benchmarks.figures import Figure
from benchmarks.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured: the defaults are those of the figures in the documentation."""

    orders: int = 200_000
    told: int = 20_000
    idle_seconds: float = 15.0
    busy_seconds: float = 40.0
    orders_a_second: float = 4.0
    with_walk: bool = False


def measure(place: Place, sizes: Sizes) -> Iterator[Figure]:
    """All figures, one after the other."""
    yield from live.measure(
        place,
        idle_seconds=sizes.idle_seconds,
        busy_seconds=sizes.busy_seconds,
        orders_a_second=sizes.orders_a_second,
    )
    yield from sweep.measure(place, with_walk=sizes.with_walk)
    yield from backfill.measure(place, sizes.told)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write into the documentation if asked; 1 if a goal was missed."""
    options = _parser().parse_args(arguments)
    console = Console()
    for name in [name for name in os.environ if name.upper().startswith("POLLER_")]:
        del os.environ[name]
    console.print(f"Filling a private MariaDB with a shop of {options.orders:,} orders ...")
    figures = []
    load = machine.load_average()
    with Place(options.orders) as place:
        console.print(f"That took {place.seed_seconds:.0f} s. Measuring ...")
        table = Table("", "what", "measured", "goal", "")
        table.columns[2].justify = "right"
        for figure in measure(place, Sizes(orders=options.orders, with_walk=options.walk)):
            figures.append(figure)
            table.add_row(*figure.cells(), style="red" if figure.verdict == "missed" else "")
            console.print(f"{figure.topic}: {figure.what}: {figure.measured}", style="dim", highlight=False)
        described = machine.described(place, load)
    console.print(table, *described, sep="\n")
    if options.write:
        text = page.PAGE.read_text(encoding="utf-8")
        page.PAGE.write_text(page.with_figures(text, page.rendered(figures, described)), encoding="utf-8")
    return int(any(figure.verdict == "missed" for figure in figures))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--orders", type=int, default=Sizes().orders, help="how big the shop is (default: 200000)")
    parser.add_argument("--walk", action="store_true", help="also walk over everything, twice: minutes on a big shop")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {page.PAGE.name}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
