"""What is personal or secret goes to Segment and nowhere else; of whom was erased, nothing goes anywhere."""

import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from poller.demo.receiver import NoSuccess, Redirect, ResetBefore, Status, Truncated
from tests.acceptance.process import Daemon, run
from tests.acceptance.stage import QUICK, Stage, completed, wait_until

WRITE_KEY = "canary-write-key"
DATABASE_PASSWORD = "canary-db-pass/w@rd"
PERSON = {
    "firstname": "Canaryfirst",
    "lastname": "Canarylast",
    "email": "canary.mail@example.com",
    "company": "Canarycompany",
    "passwd": "canary-password-hash",
    "birthday": "1971-03-14",
}
ADDRESS = {
    "address1": "77 Canarystreet",
    "address2": "Canaryfloor",
    "postcode": "C4N4RY",
    "city": "Canarytown",
    "phone": "0177077077",
}
CANARIES = (*PERSON.values(), *ADDRESS.values(), WRITE_KEY, DATABASE_PASSWORD, "canary", "w%40rd", "w@rd")


def canaries_in(text: str) -> set[str]:
    return {canary for canary in CANARIES if canary.lower() in text.lower()}


@pytest.fixture
def clerk(stage: Stage) -> Iterator[str]:
    """An account with a password that URLs must quote."""
    grants = (f"SELECT ON {stage.database}.*", "PROCESS ON *.*")
    stage.server.create_account("clerk", *grants, password=DATABASE_PASSWORD)
    yield stage.server.url(stage.database, user="clerk")
    stage.keeper.run("DROP USER clerk@'%%'")


def settings(url: str, *, write_key: str = WRITE_KEY) -> dict[str, object]:
    return {
        **QUICK,
        "shop": {"url": url, "password": DATABASE_PASSWORD},
        "segment": {"write_key": write_key},
        "log": {"format": "json", "level": "debug"},
    }


@contextmanager
def missing(stage: Stage, table: str) -> Iterator[None]:
    """A table that is away for a while, as in an upgrade."""
    stage.keeper.run(f"RENAME TABLE PREFIX_{table} TO PREFIX_away")
    yield
    stage.keeper.run(f"RENAME TABLE PREFIX_away TO PREFIX_{table}")


def laid_down(stage: Stage, **secrets: str) -> Path:
    """What systemd would lay down of `LoadCredential=`; two underscores are a dot."""
    place = stage.directory / "credentials"
    place.mkdir(exist_ok=True)
    for name, secret in secrets.items():
        (place / name.replace("__", ".")).write_text(f"{secret}\n")
    return place


@pytest.mark.parametrize("way", ["credential", "file"])
def test_secrets_that_come_from_elsewhere_are_not_told_either(stage: Stage, clerk: str, way: str) -> None:
    """Each by a credential, and by a file that the environment names: at work, and at its most talkative."""
    body: dict[str, Any] = settings(clerk)
    stage.configure(**body | {"shop": {"url": clerk}, "monitoring": {"heartbeat_every": "1s"}})
    without_key = yaml.safe_load(stage.config.read_text())
    del without_key["segment"]["write_key"]
    stage.config.write_text(yaml.safe_dump(without_key))
    secrets = {"shop__password": DATABASE_PASSWORD, "segment__write_key": WRITE_KEY}
    stage.keeper.order(stage.keeper.customer(**PERSON))
    addresses = {
        f"{stage.receiver.url}/canary-ping": False,
        "http://127.0.0.1:1/canary-ping": True,
        "canary-ping is no address": True,
    }
    for address, has_failed in addresses.items():
        place = laid_down(stage, **secrets, monitoring__heartbeat_url=address)
        through = ["env", f"CREDENTIALS_DIRECTORY={place}"]
        if way == "file":
            names = {name.name: f"POLLER_{name.name.upper().replace('.', '__')}_FILE" for name in place.iterdir()}
            through = ["env", *(f"{variable}={place / name}" for name, variable in names.items())]
        for command in ("catch-up", "check", "status"):
            done = run(stage.config, command, through=through)
            assert done.returncode == 0, (command, done.stderr)
            assert canaries_in(done.stdout + done.stderr) == set(), command
            if command == "catch-up":
                assert ("heartbeat.failed" in done.stderr) == has_failed
    assert stage.receiver.accepted, "they were the right ones"


def test_nothing_personal_or_secret_is_ever_logged_or_printed(
    stage: Stage, clerk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = laid_down(stage, monitoring__heartbeat_url="http://127.0.0.1:1/canary-ping")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(place))
    stage.configure(**settings(clerk))
    keeper = stage.keeper
    customer = keeper.customer(**PERSON)
    keeper.address(customer, **ADDRESS)
    orders = [keeper.order(customer)]
    stage.receiver.script(Status(503), ResetBefore(), Truncated())
    with stage.daemon() as daemon:
        daemon.wait_for(lambda: stage.told() == completed(*orders))
        _go_wrong_in_every_way(stage, daemon, customer)
        orders += keeper.orders(2, customer)
        daemon.wait_for(lambda: stage.told() == completed(*orders))
        assert daemon.stop() == 0
        lines = daemon.lines()
        assert canaries_in(daemon.text()) == set()
    assert {"debug", "info", "warning"} <= {line["level"] for line in lines}
    assert {"hot_sweep.postponed", "batch.deferred", "batch.delivered"} <= {line["event"] for line in lines}
    texts = [text for message in stage.receiver.accepted for text in [str(message)]]
    assert canaries_in(" ".join(texts)) >= {PERSON["email"], ADDRESS["city"]}, "the canaries did fly"

    printed = []
    for fault in (Status(400), Status(401), Redirect(), NoSuccess(), Status(503)):
        keeper.order(customer)
        stage.receiver.script(*[fault] * (9 if fault == Status(400) else 1))
        printed.append(stage.run("catch-up"))
    assert stage.standing().buried > 0
    printed += [stage.run(*command.split()) for command in ("dead-letters list", "status", "status --json", "check")]
    printed.append(stage.run("backfill", "--since", "2026-01-01", "--dry-run"))
    stage.configure(**settings(clerk.replace("clerk", "nobody")))
    printed.append(stage.run("catch-up"))
    stage.configure(**settings(clerk, write_key=f"{WRITE_KEY} two words"))
    printed.append(stage.run("catch-up"))
    assert [done.returncode for done in printed[-2:]] == [78, 78]
    for done in printed:
        assert canaries_in(done.stdout + done.stderr) == set(), done.args
        assert "Traceback" not in done.stderr, done.args


def _go_wrong_in_every_way(stage: Stage, daemon: Daemon, customer: int) -> None:
    """A table away, a state that cannot be written, a session killed: each while the customer's data are in hand."""
    keeper = stage.keeper
    with missing(stage, "address"):
        keeper.update("customer", {"id_customer": customer}, company="Canarycompany & Co", date_upd=keeper.stamp())
        daemon.wait_for(lambda: "ps_address" in daemon.text())
    assert daemon.process
    full = stage.state.with_name("state.db-wal").stat().st_size
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (full, resource.RLIM_INFINITY))
    keeper.update("customer", {"id_customer": customer}, newsletter=1, date_upd=keeper.stamp())
    daemon.wait_for(lambda: "Cannot write the state store" in daemon.text())
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_files_are_nobody_elses_to_read(stage: Stage) -> None:
    before = os.umask(0)
    try:
        with stage.daemon() as daemon:
            stage.keeper.order(stage.keeper.customer())
            daemon.wait_for(lambda: bool(stage.receiver.accepted))
            files = [path for path in stage.directory.iterdir() if path.name.startswith("state.db")]
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in files}
    finally:
        os.umask(before)
    assert {"state.db", "state.db-wal", "state.db.live.lock", "state.db.live.holder"} <= set(modes)
    assert set(modes.values()) == {0o600}, modes
    stage.config.chmod(0o644)
    done = stage.run("catch-up")
    assert done.returncode == 78
    assert "everybody on this host may read it" in done.stderr
    assert f"chmod 600 {stage.config}" in done.stderr


def kept_in_state(stage: Stage) -> set[str]:
    """Which canaries can be found in the bytes of the state's files."""
    files = [path for path in stage.directory.iterdir() if path.name.startswith("state.db")]
    return canaries_in("".join(path.read_bytes().decode("latin-1") for path in files))


@pytest.mark.parametrize("how", ["erased", "deleted", "flagged"])
def test_what_waits_of_a_customer_who_is_gone_is_purged_and_nothing_more_is_sent(stage: Stage, how: str) -> None:
    stage.configure(**QUICK)
    keeper = stage.keeper
    customer = keeper.customer(**PERSON)
    keeper.address(customer, **ADDRESS)
    order = keeper.order(customer)
    stage.receiver.always(Status(503))
    with stage.daemon() as daemon:
        wait_until(lambda: stage.standing().pending >= 3)
        assert PERSON["email"] in kept_in_state(stage)
        match how:
            case "erased":
                keeper.erase_customer(customer)
            case "deleted":
                keeper.delete_customer(customer)
            case _:
                keeper.update("customer", {"id_customer": customer}, deleted=1, date_upd=keeper.stamp())
        wait_until(lambda: stage.standing().suppressed != {})
        assert stage.standing().pending == 0
        keeper.enter(order, 6)
        keeper.slip(order, "5.00")
        keeper.order(customer)
        fence = keeper.order(keeper.customer("Grace"))
        stage.receiver.always(None)
        daemon.wait_for(lambda: ("Order Completed", fence) in stage.told())
        assert daemon.stop() == 0
    stage.catch_up_at_last()
    assert stage.told() == completed(fence)
    assert canaries_in(str(stage.receiver.accepted)) == set()
    assert list(stage.standing().suppressed) == [customer]
    assert kept_in_state(stage) == set(), "what was purged is overwritten"


def test_dead_letters_of_a_customer_who_is_gone_are_purged_too(stage: Stage) -> None:
    stage.configure(**QUICK)
    keeper = stage.keeper
    customer = keeper.customer(**PERSON)
    keeper.order(customer)
    stage.receiver.always(Status(400))
    stage.catch_up()
    assert stage.standing().buried > 0
    keeper.order(customer)
    stage.receiver.always(Status(503))
    assert stage.run("catch-up").returncode == 75
    arrived = len(stage.receiver.accepted)
    keeper.erase_customer(customer)
    stage.receiver.always(None)
    stage.catch_up()
    assert len(stage.receiver.accepted) == arrived, "a catch-up looks before it sends"
    assert stage.standing().buried == stage.standing().pending == 0
    assert stage.run("dead-letters", "replay", "--all").stdout == "0 will be sent again\n"
    assert kept_in_state(stage) == set()


def test_an_internal_customer_is_left_out_by_address_or_number(stage: Stage) -> None:
    keeper = stage.keeper
    by_address = keeper.customer(email="Staff@Example.com")
    by_number = keeper.customer("Tester")
    shopper = keeper.customer("Grace")
    stage.configure(internal_customers=["staff@example.com", by_number])
    mine = [keeper.order(customer) for customer in (by_address, by_number, shopper)]
    stage.catch_up()
    assert stage.told() == completed(mine[-1])
    assert "staff@example.com" not in str(stage.receiver.accepted).lower()
