"""That the poller is really run beside the others, and what a kill costs each; how fast anyone was is not asserted."""

import re
from pathlib import Path
from typing import NoReturn

import pytest

from benchmarks import page
from benchmarks.installing import NotInstalledError, install
from benchmarks.others import loop
from benchmarks.peers import FAST, HEADER, Row, compare, rendered
from benchmarks.place import Place
from benchmarks.process import Ended


def absent(_place: Place, _orders: int, _directory: Path) -> NoReturn:
    raise NotInstalledError("no index can be reached")


@pytest.fixture(scope="module")
def rows() -> dict[str, Row]:
    with Place(300) as place:
        return {row.who: row for row in compare(place, 200, peers={"loop": loop, "absent": absent})}


def test_the_poller_tells_every_order_by_every_way_and_loses_none_by_a_kill(rows: dict[str, Row]) -> None:
    ways = [row for who, row in rows.items() if who.startswith("poller") and row.ended]
    assert len(ways) >= 2
    assert len({row.carried for row in ways}) == 1
    assert {row.orders for row in ways} == {200}
    killed = rows["poller, killed half-way, then started again"]
    assert killed.carried == ways[0].carried
    assert killed.lost.startswith("0; ")
    assert FAST in rows


def test_the_loop_hands_over_two_messages_an_order(rows: dict[str, Row]) -> None:
    assert (rows["loop"].carried, rows["loop"].lost) == ("400 smaller messages", "0")
    assert re.fullmatch(r"[\d,]+ messages of [\d,]+", rows["loop, killed half-way"].lost)


def test_who_cannot_be_had_is_named_with_the_reason(rows: dict[str, Row]) -> None:
    assert rows["absent"].cells(1.0)[1] == "not measured: no index can be reached"


def test_a_rate_is_by_the_seconds_of_cpu_and_held_against_ours() -> None:
    row = Row(who="a", orders=100, carried="100 rows", ended=Ended("", 4.0, 2.0, 3_000_000), lost="0")
    assert row.cells(25.0) == ("a", "100 rows", "25", "50", "2.00", "3 MB", "0")
    assert rendered([row], ["Here."]).splitlines()[-3:] == ["| a | 100 rows | 25 | 50 | 1.00 | 3 MB | 0 |", "", "Here."]


def test_a_package_that_cannot_be_installed_is_an_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(NotInstalledError, match=r"^Invalid requirement: .*$"):
        install(tmp_path, "no such package")


def test_the_page_shows_the_table() -> None:
    begin, end = page.PEERS
    shown = page.PAGE.read_text(encoding="utf-8").partition(begin)[2].partition(end)[0]
    assert f"| {' | '.join(HEADER)} |" in shown
