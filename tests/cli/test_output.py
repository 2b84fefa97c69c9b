"""What commands print, and how a backfill's period is read."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import typer

from poller.cli.backfill import check_period, kinds, moment
from poller.cli.output import ago, print_fields, print_json, print_table
from poller.cli.status import messages, summary
from poller.engine.status import FeedStatus, Status, complaint
from poller.engine.walk import Progress
from poller.ports import Delivery

NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Finding:
    level: str
    at: datetime


def test_json_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(
        {
            "money": [Decimal("12.30"), Decimal("5.00")],
            "at": NOW,
            "every": timedelta(milliseconds=1500),
            "id": UUID(int=1),
            "names": frozenset({"b", "a"}),
            "findings": (Finding("ok", NOW),),
            7: "é",
        }
    )
    text = capsys.readouterr().out
    assert "é" in text
    assert json.loads(text) == {
        "money": [12.3, 5],
        "at": "2024-03-01T12:00:00+00:00",
        "every": 1.5,
        "id": "00000000-0000-0000-0000-000000000001",
        "names": ["a", "b"],
        "findings": [{"level": "ok", "at": "2024-03-01T12:00:00+00:00"}],
        "7": "é",
    }


def test_fields_are_aligned_and_empty_ones_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    print_fields({"dead_letters": 0, "by": {"live": 2}, "since": NOW, "nothing": None, "dry_run": False})
    assert capsys.readouterr().out == (
        "dead letters  0\nby            live: 2\nsince         2024-03-01 12:00:00Z\ndry run       no\n"
    )


def test_a_table_prints_what_a_shop_wrote_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("reason", "at"), [("[red]not markup[/red]", NOW)])
    assert "[red]not markup[/red]   2024-03-01 12:00:00Z" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0 s"), (90, "90 s"), (180, "3 min"), (7_300, "2 h"), (180_000, "2 d")]
)
def test_how_long_ago(seconds: int, text: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == text


def status(delivery: Delivery) -> Status:
    return Status(
        namespace="n",
        start_from="2024-01-01T00:00:00+00:00",
        holder="",
        feeds=[FeedStatus(name="orders", seen=3, gaps=0, stopped="")],
        pending=4,
        buried=1,
        oldest_at=NOW - timedelta(minutes=5),
        by_lane={"live": 3, "backfill": 1},
        delivered={"Order Completed": 2},
        delivery=delivery,
        suppressed={7: "erased"},
        waiting_orders=1,
        state_bytes=1_500_000,
        lag_seconds=300.0,
        ever={"delivered": {"Order Completed": 2}, "buried": {"identify": 1}},
        last_day={"delivered": {"Order Completed": 2}},
        last_hour={},
        walk=Progress(
            thing="customer",
            block=2,
            walked_at="2024-03-01T11:00:00+00:00",
            passes=3,
            last_pass_seconds=240,
            last_pass_database_seconds=1.5,
        ),
    )


def test_a_status_is_told_in_the_order_in_which_one_asks() -> None:
    assert summary(status(Delivery()), NOW) == {
        "running": "no",
        "lag": "5 min",
        "delivery": "in order",
        "waiting to be sent": "4, the oldest for 5 min",
        "of which": {"live": 3, "backfill": 1},
        "dead letters": "1 (poller dead-letters list)",
        "delivered": {"Order Completed": 2},
        "found by the sweep alone": "",
        "the walk over everything": "3 passes, the last in 4 min, "
        "1.5 s of it the database's work; now at customer 2,000",
        "orders still being written": 1,
        "newest order": "",
        "customers left out": 1,
        "database": "",
        "read less often, to keep the load budget": {},
        "sends facts since": "2024-01-01T00:00:00+00:00",
        "namespace": "n",
        "state store": "1.5 MB",
    }


@pytest.mark.parametrize(
    ("delivery", "text"),
    [
        (
            Delivery(attempts=3, not_before=NOW, reason="503", since=NOW - timedelta(hours=3)),
            "put off (3 tries in 3 h): 503",
        ),
        (
            Delivery(attempts=1, not_before=NOW, stopped=True, reason="401", since=NOW - timedelta(minutes=4)),
            "stopped since 4 min: 401",
        ),
    ],
)
def test_a_status_says_why_nothing_is_sent(delivery: Delivery, text: str) -> None:
    assert summary(status(delivery), NOW)["delivery"] == text


def test_what_became_of_messages_is_told_by_outcome_and_name() -> None:
    assert list(messages(status(Delivery()))) == [
        ("Order Completed", "delivered", 0, 2, 2),
        ("identify", "buried", 0, 0, 1),
    ]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, ""),
        ({"lag_seconds": 300.1}, "the lag is 300 s, more than 300 s"),
        ({"lag_seconds": None}, "there was no whole poll yet"),
        ({"delivery": Delivery(stopped=True, reason="401")}, "sending stopped: 401"),
        ({"feeds": [FeedStatus(name="orders", seen=3, gaps=0, stopped="why")]}, "stopped are the feeds orders"),
    ],
)
def test_what_monitoring_should_know(changes: dict[str, Any], text: str) -> None:
    assert complaint(replace(status(Delivery()), **changes), 300) == text


# ---------------------------------------------------------------- a backfill's period


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-01", datetime(2024, 3, 1)),  # noqa: DTZ001 - naive is the shop's wall time
        ("2024-03-01T08:30", datetime(2024, 3, 1, 8, 30)),  # noqa: DTZ001 - as above
        ("2024-03-01T08:30:00Z", datetime(2024, 3, 1, 8, 30, tzinfo=UTC)),
        ("2024-03-01T08:30:00+02:00", datetime(2024, 3, 1, 8, 30, tzinfo=timezone(timedelta(hours=2)))),
    ],
)
def test_moments(text: str, expected: datetime) -> None:
    found = moment(text, "--since")
    assert (found, found.tzinfo) == (expected, expected.tzinfo)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("orders", {"order"}), ("order", {"order"}), ("Orders, customers", {"order", "customer"})],
)
def test_kinds_of_things(text: str, expected: set[str]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("since", "until", "zone", "is_fine"),
    [
        ("2024-03-01T12:00:00Z", None, None, True),
        ("2024-03-01T12:00:01Z", None, None, False),
        # At this moment it is already 02:00 of March 2 somewhere, so a shop's own clock may say so.
        ("2024-03-02T02:00:00", None, None, True),
        ("2024-03-02T02:00:01", None, None, False),
        ("2024-03-01T13:00:00", None, PARIS, True),
        ("2024-03-01T13:00:01", None, PARIS, False),
        ("2024-01-01", "2024-01-02", None, True),
        ("2024-01-01", "2024-01-01", None, False),
        ("2024-01-01", "2024-01-01T00:00:00Z", None, True),
        ("2024-01-01", "2023-12-31T10:00:00Z", None, False),
        ("2024-01-01", "2023-12-31T22:59:00Z", PARIS, False),
        ("2024-01-01", "2023-12-31T23:01:00Z", PARIS, True),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00+01:00", None, False),
        ("2024-01-01", "2999-01-01", None, True),
    ],
)
def test_periods(since: str, until: str | None, zone: ZoneInfo | None, *, is_fine: bool) -> None:
    start = moment(since, "--since")
    end = moment(until, "--until") if until else None
    if is_fine:
        check_period(start, end, now=NOW, zone=zone)
    else:
        with pytest.raises(typer.BadParameter):
            check_period(start, end, now=NOW, zone=zone)
