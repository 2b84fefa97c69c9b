"""Clocks: those that are changed twice a year, those that are wrong, and seconds that hold too much."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.shopkeeper import Shopkeeper
from tests.acceptance.stage import Stage, completed, messages_of
from tests.support.zones import write_zone
from tests.torture.gate import Gate
from tests.torture.importer import Importer
from tests.torture.journal import arrival_lines, deed_lines
from tests.torture.oracle import judge

NAME = "Test/Changing"
AUTUMN, SPRING = (2, 1), (1, 2)


@contextmanager
def keeper_in(stage: Stage, zone: ZoneInfo) -> Iterator[Shopkeeper]:
    """A shop that lives in that zone, and somebody at work in it."""
    with stage.server.connect(stage.database) as connection:
        keeper = Shopkeeper(connection, zone=zone)
        keeper.run("UPDATE PREFIX_configuration SET value = %s WHERE name = 'PS_TIMEZONE'", NAME)
        yield keeper


@pytest.fixture
def zones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the poller finds its zones, and ours among them."""
    directory = tmp_path / "zones"
    monkeypatch.setenv("PYTHONTZPATH", f"{directory}:/usr/share/zoneinfo")
    return directory


def wait_for(moment: datetime) -> None:
    time.sleep(max((moment - datetime.now(UTC)).total_seconds(), 0))


def check_times(stage: Stage, placed: dict[int, datetime | None]) -> None:
    """Each order was told once, as of the very second in which it was placed."""
    assert stage.told() == completed(*placed)
    for order, stamped in placed.items():
        (message,) = messages_of(stage.receiver, order)
        assert datetime.fromisoformat(message["timestamp"]) == stamped
    assert stage.is_clean()


@pytest.mark.parametrize("hours", [AUTUMN, SPRING], ids=["the hour that comes twice", "the hour that is missing"])
def test_the_clocks_change_while_the_poller_runs(stage: Stage, zones: Path, hours: tuple[int, int]) -> None:
    change = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=15)
    zone = write_zone(zones, NAME, change=change, before_hours=hours[0], after_hours=hours[1])
    with keeper_in(stage, zone) as keeper:
        customer = keeper.customer()
        placed = {keeper.order(customer): keeper.stamped for _ in range(2)}
        assert datetime.now(UTC) < change, "the first orders are of before the change"
    with keeper_in(stage, zone) as keeper, stage.daemon() as daemon:
        placed |= {keeper.order(customer): keeper.stamped}
        daemon.wait_for(lambda: stage.told() == completed(*placed), timeout=120)
        wait_for(change)
        placed |= {keeper.order(customer): keeper.stamped for _ in range(2)}
        daemon.wait_for(lambda: stage.told() == completed(*placed), timeout=120)
        assert daemon.stop() == 0
    stage.catch_up()
    check_times(stage, placed)


@pytest.mark.parametrize("hours", [AUTUMN, SPRING], ids=["the hour that comes twice", "the hour that is missing"])
def test_the_clocks_change_while_the_poller_is_stopped(stage: Stage, zones: Path, hours: tuple[int, int]) -> None:
    change = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=12)
    zone = write_zone(zones, NAME, change=change, before_hours=hours[0], after_hours=hours[1])
    with keeper_in(stage, zone) as keeper:
        customer = keeper.customer()
        first = keeper.order(customer)
        placed = {first: keeper.stamped}
        stage.catch_up()
        between = keeper.order(customer)
        placed[between] = keeper.stamped
        wait_for(change)
        last = keeper.order(customer)
        placed[last] = keeper.stamped
        stage.catch_up()
        stage.catch_up()
    check_times(stage, placed)


def test_orders_of_an_hour_that_came_twice_are_told_once_each_though_read_long_after(stage: Stage) -> None:
    """Paris, 25 October 2026, 02:30, and 02:30 again; and 29 March, when 02:30 never was."""
    keeper = stage.keeper
    customer = keeper.customer()
    moments = (
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 2, 30, tzinfo=UTC),
    )
    orders = []
    for keeper.at in moments:
        orders.append(keeper.order(customer))
    assert datetime.now(UTC) > moments[-1]
    stage.configure(start_from="2026-03-01")
    stage.catch_up()
    assert stage.run("backfill", "--since", "2026-01-01").returncode == 0
    assert stage.told() == completed(*orders)
    told = [datetime.fromisoformat(messages_of(stage.receiver, order)[0]["timestamp"]) for order in orders]
    # Which of the two half past two it was is not written anywhere: the later one is taken.
    assert told == [moments[0], moments[1], moments[3], moments[3], moments[4]]
    assert stage.is_clean()


@pytest.mark.parametrize("minutes", [-4, 4], ids=["behind", "ahead"])
def test_a_web_server_whose_clock_is_wrong_by_minutes(stage: Stage, minutes: int) -> None:
    keeper = stage.keeper
    with stage.daemon() as daemon:
        keeper.at = datetime.now(UTC) + timedelta(minutes=minutes)
        customer = keeper.customer()
        order = keeper.order(customer)
        daemon.wait_for(lambda: stage.told() == completed(order), timeout=120)
        keeper.at = None
        another = keeper.order(customer)
        daemon.wait_for(lambda: stage.told() == completed(order, another), timeout=120)
        assert daemon.stop() == 0
    assert stage.is_clean()


def test_hundreds_of_rows_in_one_second_and_pages_that_end_within_it(stage: Stage) -> None:
    stage.configure(page_size=7)
    importer = Importer(lambda: stage.server.connect(stage.database), Gate(), Random(1), bulk=400)  # noqa: S311
    stage.catch_up()
    importer.bring_in()
    importer.bring_in()
    stage.catch_up()
    assert len({deed.dated for deed in importer.deeds if deed.dated}) <= 4
    assert sum(deed.kind == "completed" for deed in importer.deeds) >= 200
    found = judge(deed_lines(importer.deeds), arrival_lines(stage.receiver.arrivals))
    assert list(found.differences) == []


def test_an_import_that_saves_everything_again_says_nothing(stage: Stage) -> None:
    importer = Importer(lambda: stage.server.connect(stage.database), Gate(), Random(2), bulk=400)  # noqa: S311
    stage.catch_up()
    importer.bring_in()
    stage.catch_up()
    sent = len(stage.receiver.accepted)
    importer.save_again()
    stage.keeper.run("UPDATE PREFIX_orders SET date_upd = NOW()")
    assert stage.catch_up()["events"] == {}
    assert len(stage.receiver.accepted) == sent
