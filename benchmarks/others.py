"""How the peers are run: each from its start to its end, with what it carried and what it lost."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from benchmarks.installing import install
from benchmarks.place import ACCOUNT, SHOP, Place
from benchmarks.process import Ended, measured, started
from benchmarks.receiving import ReceiverProcess


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one of them did: of how many orders, what it carried, what it took and lost; `suffix` adds to its name."""

    suffix: str = ""
    orders: int
    carried: str
    ended: Ended | None = None
    lost: str


Peer: TypeAlias = Callable[[Place, int, Path], Iterator[Measured]]
"""Runs one, in a directory of its own."""

_SCRIPTS = Path(__file__).parent / "foreign"
_TABLES = ("ps_orders", "ps_order_detail", "ps_order_history", "ps_order_slip", "ps_customer")
_PATIENCE_SECONDS = 120.0


def loop(place: Place, orders: int, directory: Path) -> Iterator[Measured]:
    """A plain loop over Segment's library: once in peace, once killed half-way."""
    after = str(max(place.orders - orders, 0))
    with ReceiverProcess() as receiver:
        ended = measured([*_looping(place, receiver), after], log=directory / "said")
        handed, came = int(ended.printed.split()[-1]), receiver.tally().events
    lost = f"{handed - came:,} messages: its queue was full" if came < handed else "0"
    yield Measured(orders=orders, carried=f"{came:,} smaller messages", ended=ended, lost=lost)
    with ReceiverProcess() as receiver:
        process = started([*_looping(place, receiver), after], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        receiver.wait_for(came // 2, _PATIENCE_SECONDS)
        process.kill()
        printed, _ = process.communicate()
        arrived = receiver.tally().events
    handed = int(printed.split()[-1])
    lost = f"{handed - arrived:,} messages of {handed:,}"
    yield Measured(suffix=", killed half-way", orders=orders, carried=f"{arrived:,} messages", lost=lost)


def _looping(place: Place, receiver: ReceiverProcess) -> list[str]:
    return [sys.executable, str(_SCRIPTS / "looping.py"), place.socket, SHOP, receiver.url]


def copy(place: Place, _orders: int, directory: Path) -> Iterator[Measured]:
    """The `sql_database` of dlt: tables to files of JSON lines."""
    programs = install(directory, "dlt[sql_database]", "sqlalchemy>=2,<2.1", "pymysql")
    script = [str(programs / "python"), str(_SCRIPTS / "copying.py"), place.tcp_url, str(directory), *_TABLES]
    ended = measured(script, log=directory / "said", environment={"RUNTIME__DLTHUB_TELEMETRY": "false"})
    rows = int(ended.printed.split()[-1])
    yield Measured(orders=place.orders, carried=f"{rows:,} rows, to disk", ended=ended, lost="tells nobody")


def tap(place: Place, _orders: int, directory: Path) -> Iterator[Measured]:
    """The Singer tap that is maintained: tables to JSON lines on its output."""
    program = str(install(directory, "pipelinewise-tap-mysql") / "tap-mysql")
    config, catalog = directory / "config.json", directory / "catalog.json"
    config.write_text(json.dumps({**place.address, "user": ACCOUNT, "password": "", "filter_dbs": SHOP}))
    found = json.loads(measured([program, "-c", str(config), "--discover"], log=directory / "said").printed)
    for stream in found["streams"]:
        whole = next(entry["metadata"] for entry in stream["metadata"] if not entry["breadcrumb"])
        whole |= {"selected": stream["table_name"] in _TABLES, "replication-method": "FULL_TABLE"}
    catalog.write_text(json.dumps(found))
    output = directory / "rows"
    ended = measured([program, "-c", str(config), "--properties", str(catalog)], log=directory / "said", output=output)
    with output.open() as lines:
        rows = sum('"type": "RECORD"' in line for line in lines)
    yield Measured(orders=place.orders, carried=f"{rows:,} rows, to disk", ended=ended, lost="tells nobody")
