"""Wrong settings, wrong accounts, wrong directories: each gets an answer that is the next step."""

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from tests.acceptance.process import run
from tests.acceptance.stage import Stage, completed, staged


def said(text: str) -> str:
    """What was printed, on one line."""
    return re.sub(r"\s+", " ", text)


# ---------------------------------------------------------------- settings


SETTINGS: list[tuple[str, dict[str, Any], int, str]] = [
    ("a closed port", {"shop": {"url": "mysql://root@127.0.0.1:1/shop"}}, 75, "cannot be reached.*check shop.url"),
    ("an unknown host", {"shop": {"url": "mysql://root@no.invalid/shop"}}, 75, "cannot be reached.*check shop.url"),
    ("no url", {"shop": {"url": "localhost"}}, 78, "`shop.url` is not a database URL.*write it like mysql"),
    ("another database", {"shop": {"url": "postgresql://x@h/d"}}, 78, "`shop.url` must be a MySQL or MariaDB"),
    ("a mistyped setting", {"shop": {"prefxi": "ps_"}}, 78, "`shop.prefxi`; did you mean `shop.prefix`"),
    ("a mistyped section", {"segmnet": {}}, 78, "`segmnet`; did you mean `segment"),
    ("a zone that is none", {"shop": {"timezone": "Europe/Pari"}}, 78, "`shop.timezone`.*did you mean Europe/Paris"),
]
"""What is wrong, the exit code, and the words that must be said; tests/config has every other refusal of a setting."""


def private(file: Path, text: str) -> Path:
    """A file as the poller wants its settings kept."""
    file.write_text(text)
    file.chmod(0o600)
    return file


def test_settings_that_cannot_be_name_the_setting_and_the_remedy(tmp_path: Path) -> None:
    """In one loop, not in as many tests: what is tried is the command, and it takes its time to start."""
    for name, wrong, code, words in SETTINGS:
        body: dict[str, Any] = {
            "shop": {"url": "mysql://root@127.0.0.1:1/shop"},
            "segment": {"write_key": "test-write-key", "host": "http://127.0.0.1:1"},
            "state": {"url": f"sqlite:///{tmp_path}/state.db"},
        }
        for key, value in wrong.items():
            body[key] = {**body.get(key, {}), **value} if isinstance(value, dict) else value
        config = private(tmp_path / "config.yaml", yaml.safe_dump(body))
        done = run(config, "catch-up")
        assert done.returncode == code, f"{name}: {done.stderr}"
        assert re.search(words, said(done.stderr), re.IGNORECASE), f"{name}: {done.stderr}"
        assert "Traceback" not in done.stderr, name


def test_a_file_that_is_no_yaml_and_one_that_is_not_there(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    missing = run(config, "catch-up")
    assert (missing.returncode, str(config) in missing.stderr) == (78, True)
    private(config, "shop: [unclosed\nsegment: {write_key: canary-secret-key")
    broken = run(config, "catch-up")
    assert broken.returncode == 78
    assert "line" in broken.stderr
    assert "canary" not in broken.stderr


# ---------------------------------------------------------------- the shop's database


def test_an_account_or_a_database_that_is_wrong(stage: Stage) -> None:
    stage.server.create_account("clerk", f"SELECT ON {stage.database}.*", password="right")
    url = stage.server.url(stage.database, user="clerk")
    cases = [
        ({"url": url, "password": "wrong"}, "refuses the account.*Check shop.url and shop.password"),
        ({"url": url.replace(stage.database, "no_such_shop"), "password": "right"}, "no_such_shop.*shop.url"),
        ({"url": stage.server.url("no_such_shop")}, "does not exist.*no_such_shop.*Check the name in shop.url"),
        ({"prefix": "xy_"}, f"{stage.database} has no readable PrestaShop table with the prefix 'xy_'.*shop.prefix"),
        ({"url": stage.server.url("mysql")}, "no readable PrestaShop table.*Check the database in shop.url"),
    ]
    for shop, words in cases:
        stage.configure(shop=shop)
        done = stage.run("catch-up")
        assert done.returncode == 78, done.stderr
        assert re.search(words, said(done.stderr)), done.stderr
    stage.keeper.run("DROP USER clerk@'%%'")


def test_a_missing_table_is_named(stage: Stage) -> None:
    stage.keeper.run("DROP TABLE PREFIX_order_slip")
    done = stage.run("catch-up")
    assert done.returncode == 78
    assert re.search("lacks ps_order_slip.*sql/ops/grants.sql", said(done.stderr)), done.stderr


@pytest.fixture
def half(stage: Stage) -> Iterator[str]:
    """An account that may read everything but the payments."""
    tables = [name for name in stage.tables() if name != "ps_order_payment"]
    stage.server.create_account("half", *[f"SELECT ON {stage.database}.{name}" for name in tables], password="right")
    yield stage.server.url(stage.database, user="half", password="right")
    stage.keeper.run("DROP USER half@'%%'")


def test_a_missing_grant_is_named(stage: Stage, half: str) -> None:
    stage.configure(shop={"url": half})
    found = stage.run("check", "--json")
    assert found.returncode == 1
    problems = [finding for finding in json.loads(found.stdout) if finding["level"] == "problem"]
    assert any("ps_order_payment" in finding["text"] for finding in problems)
    assert all("SELECT command denied to user 'half'@'localhost'" in finding["text"] for finding in problems)
    assert all("Run sql/ops/grants.sql" in finding["remedy"] for finding in problems)


def test_a_grant_that_was_taken_away_holds_up_no_other_feed(stage: Stage, half: str) -> None:
    stage.catch_up()
    stage.configure(shop={"url": half}, schedule={"hot_sweep": "1h"})
    order = stage.keeper.order(stage.keeper.customer())
    with stage.daemon() as daemon:
        daemon.wait_for(lambda: stage.told() == completed(order))
        (line, *_) = daemon.said("poll.finished")
        assert set(line["failed"]) == {"order_payment"}
        assert "ps_order_payment" in line["failed"]["order_payment"]
        assert daemon.stop() == 0


def test_a_grant_missing_from_the_first_start_holds_up_no_other_feed(stage: Stage, half: str) -> None:
    stage.configure(shop={"url": half}, schedule={"hot_sweep": "1h"})
    order = stage.keeper.order(stage.keeper.customer())
    with stage.daemon() as daemon:
        daemon.wait_for(lambda: stage.told() == completed(order))


def test_a_catch_up_that_could_not_read_a_feed_is_no_success(stage: Stage, half: str) -> None:
    stage.configure(shop={"url": half})
    done = stage.run("catch-up")
    assert done.returncode == 75
    assert "ps_order_payment" in done.stderr


def test_a_time_zone_that_the_shop_invented(stage: Stage) -> None:
    stage.keeper.run("UPDATE PREFIX_configuration SET value = 'Europe/Atlantis' WHERE name = 'PS_TIMEZONE'")
    done = stage.run("catch-up")
    assert done.returncode == 78
    assert "time zone 'Europe/Atlantis' is unknown. hint: Set shop.timezone" in said(done.stderr)
    stage.configure(shop={"timezone": "Europe/Paris"})
    order = stage.keeper.order(stage.keeper.customer())
    stage.catch_up()
    assert stage.told() == completed(order)


def test_a_write_key_that_segment_refuses_drops_nothing(server: PrivateMariaDB, tmp_path: Path) -> None:
    with staged(tmp_path, server, Receiver(write_keys={"right-key"})) as stage:
        order = stage.keeper.order(stage.keeper.customer())
        done = stage.run("catch-up")
        assert done.returncode == 78
        assert "the write key does not hold here" in done.stderr
        assert "hint: Set segment.write_key" in done.stderr
        assert "test-write-key" not in done.stderr
        found = stage.run("check")
        assert found.returncode == 1
        assert "segment.write_key" in said(found.stdout)
        assert stage.standing().delivery.stopped
        assert "stopped since" in stage.run("status").stdout
        stage.configure(segment={"write_key": "right-key"})
        stage.catch_up()
        assert stage.told() == completed(order)
        assert not stage.standing().delivery.stopped


# ---------------------------------------------------------------- the state directory


def without_privilege(stage: Stage, *arguments: str) -> Any:
    """Run a command that file permissions hold for: root's are taken off it."""
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"] if os.geteuid() == 0 else []
    return run(stage.config, *arguments, through=drop)


def test_a_state_directory_that_is_read_only_or_not_there(stage: Stage) -> None:
    closed = stage.directory / "closed"
    closed.mkdir(mode=0o500)
    stage.configure(state={"url": f"sqlite:///{closed}/state.db"})
    done = without_privilege(stage, "catch-up")
    assert done.returncode == 78, done.stderr
    assert f"The state directory {closed} cannot be written by uid {os.geteuid()}." in done.stderr
    assert f"hint: Give it to the poller's user: chown poller: {closed}" in done.stderr
    found = without_privilege(stage, "check")
    assert found.returncode == 1
    assert "cannot be written" in said(found.stdout)
    stage.configure(state={"url": f"sqlite:///{stage.directory}/missing/state.db"})
    absent = stage.run("catch-up")
    assert absent.returncode == 78
    assert f"{stage.directory}/missing does not exist. hint: Create it" in said(absent.stderr)


def test_a_state_that_became_read_only_is_not_sent_from_twice(stage: Stage) -> None:
    first = stage.keeper.order(stage.keeper.customer())
    stage.catch_up()
    stage.state.chmod(0o400)
    second = stage.keeper.order(stage.keeper.customer("Grace"))
    done = without_privilege(stage, "catch-up")
    assert done.returncode == 78, done.stderr
    assert f"The state store {stage.state}" in done.stderr
    assert "hint: " in done.stderr
    assert stage.told() == completed(first)
    stage.state.chmod(0o600)
    stage.catch_up()
    assert stage.told() == completed(first, second)


def test_a_state_of_a_newer_program_and_one_that_is_none(stage: Stage) -> None:
    stage.catch_up()
    with sqlite3.connect(stage.state) as state:
        state.execute("INSERT INTO schema_version VALUES (999, 'from the future', '2099-01-01T00:00:00')")
    state.close()
    for command in ("catch-up", "status"):
        done = stage.run(command)
        assert done.returncode == 78
        assert "has version 999, this program knows up to" in done.stderr
        assert "hint: Install the version of the poller that wrote it, or a newer one" in done.stderr
    stage.state.write_bytes(b"this is a letter to my aunt, and no database" * 100)
    for part in ("-wal", "-shm"):
        stage.state.with_name(f"state.db{part}").unlink(missing_ok=True)
    done = stage.run("catch-up")
    assert done.returncode == 78
    assert "is damaged" in done.stderr
    assert "namespace" in done.stderr, "how to keep message ids the same"
