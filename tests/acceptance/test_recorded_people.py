"""A real PrestaShop, recorded: sign-ups, sign-ins, newsletters, searches, e-mails, as the shop's timeline has them."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.process import Daemon, write_config
from tests.acceptance.recording import ROOT, Recording, Replay

pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason=f"the recordings are not here: {ROOT.name} beside the clone")
SHORT_STEP = 4.0
"""Seconds of the recording between two pauses: what is deleted later must be looked at before."""


@pytest.fixture(scope="module")
def recording() -> Recording:
    return Recording("prestashop-8.2")


@pytest.fixture(scope="module")
def arrived(
    server: PrivateMariaDB, recording: Recording, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Mapping[str, Any]]]:
    """Everything the poller told while the recorded shop lived."""
    name = f"recorded_{time.monotonic_ns()}"
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    first, *_, last = [transaction.unix for transaction in recording.transactions()]
    shift = time.time() - first
    recording.load(server, name, shift=shift)
    replay = Replay(server, name, recording, shift=shift)
    with Receiver() as receiver:
        config = write_config(
            tmp_path_factory.mktemp("recorded"),
            shop_url=server.url(name),
            segment_url=receiver.url,
            schedule={"poll": "50ms", "deliver": "50ms", "hot_sweep": "200ms", "sweep": "1s"},
            log={"format": "json", "level": "debug"},
        )
        with Daemon(config) as daemon:
            moment = first
            while moment < last + SHORT_STEP:
                replay.until(moment)
                _let_pass(daemon, sweeps=2)
                moment += SHORT_STEP
            _let_pass(daemon, sweeps=4)
            assert daemon.stop() == 0
        yield list(receiver.distinct().values())
    replay.close()
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")


def _let_pass(daemon: Daemon, *, sweeps: int) -> None:
    """Wait for so many searches among recent things."""
    before = len(daemon.said("hot_sweep.finished"))
    daemon.wait_for(lambda: len(daemon.said("hot_sweep.finished")) >= before + sweeps)


def names(arrived: list[Mapping[str, Any]], event: str) -> Counter[str]:
    """Whom an event was told of, by the e-mail address it carries."""
    return Counter(m["properties"].get("email", "") for m in arrived if m.get("event") == event)


def acts(recording: Recording, *actions: str) -> list[Mapping[str, Any]]:
    return [step for step in recording.timeline() if step["action"] in actions]


def test_everyone_who_registered_signed_up(arrived: list[Mapping[str, Any]], recording: Recording) -> None:
    registered = Counter(step["args"][2] for step in acts(recording, "register"))
    told = names(arrived, "Signed Up")
    assert registered <= told
    others = acts(recording, "bo_add_customer", "guest_to_customer_front", "bo_guest_to_customer")
    assert told.total() == registered.total() + len(others)
    assert set(told.values()) == {1}


def test_only_who_logged_in_signed_in(arrived: list[Mapping[str, Any]], recording: Recording) -> None:
    logins = acts(recording, "login", "browser_login")
    expected = Counter(step["email"] if "email" in step else step["args"][0] for step in logins)
    assert names(arrived, "Signed In") == expected


def test_the_newsletter_is_told_as_it_was_ticked(arrived: list[Mapping[str, Any]], recording: Recording) -> None:
    ticked = [step["args"][2] for step in acts(recording, "register") if step.get("kwargs", {}).get("newsletter")]
    footer = [step["args"][0] for step in acts(recording, "newsletter_signup")]
    told = names(arrived, "Subscribed")
    assert Counter([*ticked, *footer]) <= told
    later = [step for step in acts(recording, "account_edit") if step.get("kwargs", {}).get("newsletter")]
    assert told.total() == len(ticked) + len(footer) + len(later)
    employee = [step for step in acts(recording, "bo_edit_customer") if "newsletter" in str(step)]
    assert names(arrived, "Unsubscribed").total() == len(employee)


def test_every_search_is_told_with_what_was_found(arrived: list[Mapping[str, Any]], recording: Recording) -> None:
    told = [m["properties"] for m in arrived if m.get("event") == "Products Searched"]
    assert [one["query"] for one in told] == [step["args"][0] for step in acts(recording, "search")]
    assert [one["results"] > 0 for one in told] == [True, False, True]
    steps = acts(recording, "search")
    times = [m["timestamp"] for m in arrived if m.get("event") == "Products Searched"]
    assert times == sorted(times)
    assert len(steps) == len(times)


def test_every_registration_brought_its_e_mail(arrived: list[Mapping[str, Any]], recording: Recording) -> None:
    sent = Counter(m["properties"]["email_template"] for m in arrived if m.get("event") == "Email Sent")
    assert sent["account"] == len(acts(recording, "register"))
    assert not {"guest_to_customer", "order_customer_comment"} & set(sent), "private templates"
    assert sent["credit_slip"] >= 1


def test_nobody_replied(arrived: list[Mapping[str, Any]]) -> None:
    """Three threads were opened in the recording, and none was answered by a customer."""
    assert names(arrived, "Email Replied").total() == 0


def test_no_event_is_dated_in_another_zone(arrived: list[Mapping[str, Any]]) -> None:
    """The shop's clock is Paris, the database's UTC: an error of an hour would show."""
    mine = [m for m in arrived if m.get("event") in ("Products Searched", "Subscribed", "Signed Up", "Email Sent")]
    moments = [datetime.fromisoformat(m["timestamp"]) for m in mine]
    assert max(moments) - min(moments) < timedelta(minutes=5)
