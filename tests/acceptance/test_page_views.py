"""Page views, from the tables of the module statsdata to the receiver: live, backfilled, and as a real shop wrote."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.process import run, write_config
from tests.acceptance.recording import ROOT, Recording, Replay
from tests.acceptance.stage import QUICK, Stage, staged
from tests.support.contract import complaints

HOME, MUG, ORDERED = 1, 2, 16
"""Pages of the demo shop: the home page, a product, and the confirmation of an order."""
TRACKS = {"Cart Viewed", "Product Viewed", "Product List Viewed", "Registration Viewed", "Thankyou Page Viewed"}


@pytest.fixture
def stage(tmp_path: Path, server: PrivateMariaDB) -> Iterator[Stage]:
    with staged(tmp_path, server, Receiver(), **QUICK) as stage:
        log_page_views(stage)
        yield stage


def log_page_views(stage: Stage) -> None:
    stage.keeper.run("DELETE FROM PREFIX_configuration WHERE name = 'PS_STATSDATA_CUSTOMER_PAGESVIEWS'")
    now = stage.keeper.stamp()
    row = {"name": "PS_STATSDATA_CUSTOMER_PAGESVIEWS", "value": "1", "date_add": now, "date_upd": now}
    stage.keeper.insert("configuration", **row)


def visit(stage: Stage, *, customer: int = 0) -> int:
    guest = stage.keeper.insert("guest", id_customer=customer, accept_language="fr")
    now = stage.keeper.stamp()
    return stage.keeper.insert("connections", id_guest=guest, id_page=HOME, date_add=now, http_referer="")


def view(stage: Stage, visit_id: int, page: int) -> None:
    stage.keeper.insert("connections_page", id_connections=visit_id, id_page=page, time_start=stage.keeper.stamp())


def viewed(receiver: Receiver) -> list[dict[str, Any]]:
    return [m for m in receiver.distinct().values() if m["type"] == "page" or m.get("event") in TRACKS]


def names(receiver: Receiver) -> Counter[str]:
    return Counter(m.get("event") or f"page {m['name']}" for m in viewed(receiver))


def test_pages_are_told_as_they_are_viewed_and_those_viewed_later_too(stage: Stage) -> None:
    stage.catch_up()
    customer = stage.keeper.customer()
    with stage.daemon() as daemon:
        anna = visit(stage, customer=customer)
        view(stage, anna, HOME)
        daemon.wait_for(lambda: names(stage.receiver)["page index"] == 1)
        stage.keeper.order(customer)
        view(stage, anna, MUG)
        view(stage, anna, ORDERED)
        daemon.wait_for(lambda: names(stage.receiver)["Thankyou Page Viewed"] == 1)
        assert daemon.stop() == 0
    assert names(stage.receiver) == Counter(
        {
            "page index": 1,
            "page product": 1,
            "page orderconfirmation": 1,
            "Product Viewed": 1,
            "Thankyou Page Viewed": 1,
        }
    )
    assert {message["userId"] for message in viewed(stage.receiver)} == {str(customer)}
    assert [complaints(message) for message in viewed(stage.receiver)] == [[]] * 5
    assert stage.is_clean()


def test_a_page_viewed_while_the_poller_was_down_is_told_when_it_is_up_again(stage: Stage) -> None:
    stage.catch_up()
    key = visit(stage)
    view(stage, key, HOME)
    stage.catch_up()
    view(stage, key, MUG)
    until = time.monotonic() + 30
    while names(stage.receiver)["Product Viewed"] < 1:
        assert time.monotonic() < until
        stage.catch_up()
    assert names(stage.receiver) == Counter({"page index": 1, "page product": 1, "Product Viewed": 1})


def test_a_campaign_s_link_is_told_with_the_campaign_in_the_context(stage: Stage) -> None:
    stage.catch_up()
    now, customer = stage.keeper.stamp(), stage.keeper.customer()
    row = {"http_referer": "https://mail.example.org/", "keywords": "", "date_add": now}
    uri = "maison-demo.example.com/?utm_campaign=spring&utm_source=newsletter&email=ada@example.com"
    came = visit(stage, customer=customer)
    stage.keeper.insert("connections_source", id_connections=came, request_uri=uri, **row)
    stage.keeper.insert("connections_source", id_connections=came, request_uri="maison-demo.example.com/", **row)
    stage.catch_up()
    (message,) = [m for m in stage.receiver.distinct().values() if m.get("event") == "Link Clicked"]
    assert message["context"]["campaign"] == {"name": "spring", "source": "newsletter"}
    assert message["userId"] == str(customer)
    assert message["properties"]["link_url"].endswith("/?utm_campaign=spring&utm_source=newsletter")
    assert complaints(message) == []


def test_switched_off_nothing_is_told(stage: Stage) -> None:
    stage.configure(**QUICK, track_page_views=False)
    stage.catch_up()
    view(stage, visit(stage), MUG)
    stage.catch_up()
    assert viewed(stage.receiver) == []


def test_a_backfill_tells_them_only_if_it_names_them_and_of_longer_visits_what_is_of_the_period(stage: Stage) -> None:
    began = datetime.now(UTC) - timedelta(days=60)
    stage.keeper.at = began
    key = visit(stage)
    view(stage, key, HOME)
    stage.keeper.at = began + timedelta(days=5)
    view(stage, key, MUG)
    stage.keeper.at = None
    since = (began + timedelta(days=3)).isoformat()
    assert stage.run("backfill", "--since", since).returncode == 0
    assert viewed(stage.receiver) == []
    assert stage.run("backfill", "--since", since, "--only", "visits").returncode == 0
    assert names(stage.receiver) == Counter({"page product": 1, "Product Viewed": 1})


@pytest.mark.parametrize(
    ("is_on", "text"), [(True, "Page views are logged by shop 1"), (False, "Page views are not logged")]
)
def test_check_says_whether_they_are_logged_and_which_modules_there_are(
    stage: Stage, text: str, *, is_on: bool
) -> None:
    if not is_on:
        stage.keeper.run("UPDATE PREFIX_configuration SET value = '0' WHERE name LIKE 'PS_STATSDATA%%'")
    said = [finding["text"] for finding in json.loads(stage.run("check", "--json").stdout)]
    assert any(one.startswith(text) for one in said), said
    assert any("statsdata is there, statssearch is there, blockwishlist is there" in one for one in said)


@pytest.mark.skipif(not ROOT.is_dir(), reason=f"the recordings are not here: {ROOT.name} beside the clone")
def test_a_real_shop_s_page_views_arrive_each_once(server: PrivateMariaDB, tmp_path: Path) -> None:
    """What must arrive is counted in the recorded shop's own tables."""
    recording = Recording("prestashop-8.2")
    name = f"recorded_{time.monotonic_ns()}"
    with server.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    shift = time.time() - next(recording.transactions()).unix
    recording.load(server, name, shift=shift)
    replay = Replay(server, name, recording, shift=shift)
    with Receiver() as receiver:
        config = write_config(tmp_path, shop_url=server.url(name), segment_url=receiver.url)
        assert run(config, "catch-up").returncode == 0
        replay.until(float("inf"))
        for _ in range(2):
            assert run(config, "catch-up").returncode == 0
        with server.connect(name) as connection, connection.cursor() as cursor:
            cursor.execute(_RECORDED)
            owed = Counter(kind for (kind,) in cursor.fetchall())
        told = [m for m in receiver.distinct().values() if m["type"] == "page"]
        assert Counter(m["name"] for m in told) == owed
        assert owed.total() > 100, "a test of nothing proves nothing"
        assert receiver.conflicts() == []
        assert {problem for m in viewed(receiver) for problem in complaints(m)} == set()
    replay.close()


_RECORDED = """
SELECT t.name
FROM ps_connections_page AS v
JOIN ps_connections AS c ON c.id_connections = v.id_connections
JOIN ps_page AS p ON p.id_page = v.id_page
JOIN ps_page_type AS t ON t.id_page_type = p.id_page_type
LEFT JOIN ps_guest AS g ON g.id_guest = c.id_guest
LEFT JOIN ps_customer AS k ON k.id_customer = g.id_customer
WHERE c.id_connections > 5 AND (COALESCE(g.id_customer, 0) = 0 OR k.deleted = 0)
"""
"""Those of the recorded time: earlier visits are too old for a first start, customers deleted in it are nobody."""


def test_the_timestamps_are_those_of_the_views(stage: Stage) -> None:
    stage.catch_up()
    key = visit(stage)
    view(stage, key, MUG)
    stage.catch_up()
    assert stage.keeper.stamped is not None
    at = stage.keeper.stamped.isoformat()[:19]
    assert {message["timestamp"][:19] for message in viewed(stage.receiver)} == {at}
