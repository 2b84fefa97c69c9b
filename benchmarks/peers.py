"""`python -m benchmarks.peers`: the poller beside what else people use, on the same shop, one after the other.

What the peers carry is not the same: dlt and a Singer tap copy rows to disk and tell nobody; the loop over Segment's
library tells two messages an order and remembers nothing. So orders are what is counted.
"""

import argparse
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from rich.console import Console
from rich.table import Table

from benchmarks import backfill, machine, page
from benchmarks.installing import NotInstalledError
from benchmarks.others import Peer, copy, loop, tap
from benchmarks.place import Place
from benchmarks.process import Ended, run
from benchmarks.receiving import ReceiverProcess

HEADER = ("who", "carried", "orders a second", "orders for a second of CPU", "the poller's, times", "memory", "lost")
FAST = "poller, direct, with the extra fast"
PEERS: Mapping[str, Peer] = MappingProxyType(
    {"loop over Segment's library": loop, "dlt sql_database": copy, "Singer tap-mysql": tap}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One of them: what it carried of so many orders, what it took, and what was lost; `reason`: why it did not run."""

    who: str
    orders: int = 0
    carried: str = ""
    ended: Ended | None = None
    lost: str = ""
    reason: str = ""

    @property
    def rate(self) -> float:
        """Orders for a second of CPU."""
        return self.orders / self.ended.cpu_seconds if self.ended else 0.0

    def cells(self, ours: float) -> Sequence[str]:
        """A line of the table; `ours` is the poller's rate."""
        if not self.ended:
            return self.who, self.carried or f"not measured: {self.reason}", "", "", "", "", self.lost
        return (
            self.who,
            self.carried,
            f"{self.orders / self.ended.wall_seconds:,.0f}",
            f"{self.rate:,.0f}",
            f"{self.rate / ours:.2f}",
            f"{self.ended.peak_bytes / 1e6:,.0f} MB",
            self.lost,
        )


def compare(place: Place, told: int, *, peers: Mapping[str, Peer] = PEERS) -> Iterator[Row]:
    """All of them, the poller first; it and the loop tell the newest so many orders, who copies takes every one."""
    yield _poller(place, told, "poller", "library")
    yield _poller(place, told, "poller, segment.transport: direct", "direct")
    if importlib.util.find_spec("MySQLdb"):
        yield _poller(place, told, FAST, "direct", driver="mysqldb")
    else:
        yield Row(who=FAST, reason="the extra is not installed")
    yield _killed(place, told)
    for who, peer in peers.items():
        directory = place.directory / f"peer-{who.split(' ', maxsplit=1)[0].lower()}"
        directory.mkdir()
        try:
            for one in peer(place, told, directory):
                yield Row(
                    who=f"{who}{one.suffix}", orders=one.orders, carried=one.carried, ended=one.ended, lost=one.lost
                )
        except NotInstalledError as error:
            yield Row(who=who, reason=str(error))


def _poller(place: Place, orders: int, who: str, transport: str, *, driver: str = "pymysql") -> Row:
    settings = {"transport": transport}
    told = backfill.tell(place, orders, topic=f"{transport}-{driver}", segment=settings, driver=driver)
    return Row(who=who, orders=orders, carried=f"{told.came.events:,} messages", ended=told.ended, lost="0")


def _killed(place: Place, orders: int) -> Row:
    """The poller, killed half-way and started again: what is missing, and what came twice, under the same id."""
    with ReceiverProcess() as receiver:
        config, arguments = backfill.prepare(place, orders, topic="killed", segment={"host": receiver.url})
        backfill.kill(config, arguments, receiver, after=orders)
        run(config, *arguments)
        came = receiver.tally()
    missing = orders - came.distinct["Order Completed"]
    lost = f"{missing:,}; {came.accepted - came.events:,} messages came twice, under the same id"
    return Row(who="poller, killed half-way, then started again", carried=f"{came.events:,} messages", lost=lost)


def rendered(rows: Sequence[Row], described: Sequence[str]) -> str:
    """The table as the documentation shows it."""
    lines = [HEADER, ("---", "---", "---:", "---:", "---:", "---:", "---"), *(row.cells(rows[0].rate) for row in rows)]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return "\n".join((table, "", *described))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write into the documentation if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000, help="how big the shop is (default: 1000000)")
    parser.add_argument("--told", type=int, default=100_000, help="how many of them are told (default: 100000)")
    parser.add_argument("--write", action="store_true", help=f"put the table into {page.PAGE.name}")
    options = parser.parse_args(arguments)
    console = Console()
    load = machine.load_average()
    rows: list[Row] = []
    with Place(options.orders, port=0) as place:
        for row in compare(place, min(options.told, options.orders)):
            rows.append(row)
            console.print(*row.cells(rows[0].rate), sep=" · ", style="dim", highlight=False)
        described = machine.described(place, load)
    table = Table(*HEADER)
    for row in rows:
        table.add_row(*row.cells(rows[0].rate))
    console.print(table, *described, sep="\n")
    if options.write:
        text = page.PAGE.read_text(encoding="utf-8")
        text = page.with_figures(text, rendered(rows, described), marks=page.PEERS)
        page.PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
