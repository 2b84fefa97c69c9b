"""`poller init`: from a PrestaShop directory to settings and an account that work, asking for nothing it can find."""

import json
import os
import pty
import re
import select
import stat
import subprocess
import termios
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from poller.config import load_settings
from tests.acceptance.process import COMMAND, environment, run
from tests.acceptance.stage import Stage, answer, completed, wait_until

KEY = {"POLLER_SEGMENT__WRITE_KEY": "key-of-the-source"}
NO_WAY_OUT = {"HTTPS_PROXY": "http://127.0.0.1:1"}
"""So that Segment itself is not asked where a test names its region."""


def prestashop(stage: Stage, *, password: str = "") -> Path:
    """A directory as PrestaShop 1.7 and later leave it."""
    directory = stage.directory / "shop"
    (directory / "app" / "config").mkdir(parents=True)
    (directory / "app" / "config" / "parameters.php").write_text(
        f"""<?php return array ('parameters' => array (
    'database_host' => 'localhost:{stage.server.socket}',
    'database_port' => '',
    'database_name' => '{stage.database}',
    'database_user' => 'root',
    'database_password' => '{password}',
    'database_prefix' => 'ps_',
  ),);
"""
    )
    return directory


def init(stage: Stage, *arguments: object, **extra: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [COMMAND, "--config", stage.directory / "new" / "config.yaml", "init", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=stage.directory,
        env=environment() | KEY | NO_WAY_OUT | extra,
    )


@pytest.fixture(autouse=True)
def _room(stage: Stage) -> Any:
    (stage.directory / "new").mkdir()
    yield
    stage.keeper.run("DROP USER IF EXISTS poller@localhost")


def administer(stage: Stage, script: Path) -> None:
    """Run the script as the database's administrator."""
    command = ["mariadb", "--no-defaults", "-uroot", "-S", str(stage.server.socket)]
    with script.open() as text:
        subprocess.run(command, stdin=text, check=True, capture_output=True)


def test_from_a_directory_to_the_first_event(stage: Stage) -> None:
    done = init(stage, prestashop(stage), "--segment-host", stage.receiver.url, "--state", stage.directory / "s.db")
    assert done.returncode == 0, done.stderr
    for found in ("8.2.0", "tables begin with ps_", "Maison Demo, EUR", "Europe/Paris", "cancelled is", "state 6"):
        assert found in done.stdout, found
    config, script = stage.directory / "new" / "config.yaml", stage.directory / "new" / "grants.sql"
    for file in (config, script):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "GRANT SELECT ON" in done.stdout
    settings = load_settings(config)
    assert (settings.shop.url.username, settings.shop.prefix) == ("poller", "ps_")
    password = settings.shop.password.get_secret_value()
    assert password in script.read_text()
    assert password not in done.stdout + done.stderr
    assert "key-of-the-source" not in done.stdout + done.stderr

    refused = run(config, "check")
    assert refused.returncode == 1, "the account is not there yet"
    administer(stage, script)
    checked = answer(run(config, "check", "--json"))
    assert {finding["level"] for finding in checked} == {"ok"}, checked
    order = stage.keeper.order(stage.keeper.customer())
    assert run(config, "catch-up").returncode == 0
    assert stage.told() == completed(order)


def test_the_account_gets_what_is_read_and_nothing_else(stage: Stage) -> None:
    stage.keeper.run("DROP TABLE PREFIX_psgdpr_log")
    done = init(stage, stage.server.url(stage.database), "--segment-host", stage.receiver.url, "--json")
    report = answer(done)
    granted = [line for line in report["statements"] if line.startswith("GRANT SELECT")]
    assert all(
        re.fullmatch(rf"GRANT SELECT ON `{stage.database}`.`ps_\w+` TO 'poller'@'localhost';", g) for g in granted
    )
    assert not any("psgdpr_log" in line for line in granted), "a grant on a missing table would be an error"
    assert report["statements"][-1] == "GRANT PROCESS ON *.* TO 'poller'@'localhost';"
    assert report["segment_answers"] is True
    assert report["is_account_new"] is True


def test_an_account_that_may_only_read_is_kept(stage: Stage) -> None:
    stage.server.create_account("poller", f"SELECT ON {stage.database}.*", password="its-own")
    url = stage.server.url(stage.database, user="poller")
    try:
        done = init(stage, url, "--segment-host", stage.receiver.url, "--json", POLLER_SHOP__PASSWORD="its-own")
        assert answer(done)["is_account_new"] is False
        settings = load_settings(stage.directory / "new" / "config.yaml")
        assert settings.shop.password.get_secret_value() == "its-own"
    finally:
        stage.keeper.run("DROP USER poller@'%%'")


def test_settings_that_are_there_are_not_replaced_unless_told_so(stage: Stage) -> None:
    arguments = (prestashop(stage), "--segment-host", stage.receiver.url)
    config = stage.directory / "new" / "config.yaml"
    config.write_text("mine: true\n")
    done = init(stage, *arguments)
    assert done.returncode == 78
    assert "exists already. " in done.stderr.replace("\n", " ")
    assert "--force" in done.stderr
    assert config.read_text() == "mine: true\n"
    assert init(stage, *arguments, "--force").returncode == 0
    assert load_settings(config).shop.prefix == "ps_"


def test_every_comment_and_default_of_the_settings_is_kept(stage: Stage) -> None:
    assert init(stage, prestashop(stage), "--region", "eu").returncode == 0
    written = (stage.directory / "new" / "config.yaml").read_text()
    given = Path("config.yaml").read_text(encoding="utf-8")
    lines = set(written.splitlines())
    assert [line for line in given.splitlines() if line.lstrip().startswith("#") and line not in lines] == []
    assert yaml.safe_load(written)["segment"]["host"] == "https://events.eu1.segmentapis.com"
    assert yaml.safe_load(written).keys() == yaml.safe_load(given).keys()


def test_secrets_can_be_files_of_their_own(stage: Stage) -> None:
    credentials = stage.directory / "credentials"
    credentials.mkdir(mode=0o700)
    done = init(stage, prestashop(stage), "--segment-host", stage.receiver.url, "--credentials", credentials)
    assert done.returncode == 0, done.stderr
    config = stage.directory / "new" / "config.yaml"
    body = yaml.safe_load(config.read_text())
    assert (body["shop"]["password"], body["segment"]["write_key"]) == (None, None)
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in credentials.iterdir()} == {
        "shop.password": 0o600,
        "segment.write_key": 0o600,
    }
    administer(stage, stage.directory / "new" / "grants.sql")
    environ = environment() | {"CREDENTIALS_DIRECTORY": str(credentials)}
    checked = subprocess.run([COMMAND, "--config", config, "check"], env=environ, capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout


def test_what_cannot_be_found_is_named_with_the_way_to_give_it(stage: Stage) -> None:
    nowhere = stage.directory / "nowhere"
    nowhere.mkdir()
    cases: list[tuple[tuple[object, ...], int, str]] = [
        ((), 2, "name the PrestaShop directory or the URL of its database"),
        ((nowhere,), 78, "not a PrestaShop directory"),
        ((stage.server.url("mysql"),), 78, "holds no PrestaShop"),
        ((stage.server.url(stage.database), "--write-key-file", nowhere / "no"), 78, "Cannot read the write key"),
        (("postgresql://x@h/d",), 78, "must be a MySQL or MariaDB database"),
        (("mysql://root@127.0.0.1:1/shop",), 75, "cannot be reached"),
    ]
    for arguments, code, words in cases:
        done = init(stage, *arguments)
        assert done.returncode == code, done.stderr
        assert words in " ".join(done.stderr.replace("│", " ").split()), done.stderr
        assert "Traceback" not in done.stderr
    assert not list((stage.directory / "new").iterdir())


def test_of_two_shops_in_one_database_it_asks_which(stage: Stage) -> None:
    stage.keeper.run("CREATE TABLE old_order_slip_detail LIKE PREFIX_order_slip_detail")
    done = init(stage, stage.server.url(stage.database), "--segment-host", stage.receiver.url)
    assert done.returncode == 78
    assert "prefixes old_, ps_" in done.stderr
    both = init(stage, stage.server.url(stage.database), "--segment-host", stage.receiver.url, "--prefix", "ps_")
    assert both.returncode == 0, both.stderr


def test_on_a_terminal_it_asks_for_the_key_and_does_not_show_it(stage: Stage) -> None:
    ours, theirs = pty.openpty()
    variables = environment() | NO_WAY_OUT
    command = [str(COMMAND), "--config", str(stage.directory / "new" / "config.yaml"), "init", str(prestashop(stage))]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=variables) as process:
        os.close(theirs)
        said = _until(ours, "API Keys", "", process)
        # What is typed before the terminal stops showing it is thrown away.
        wait_until(lambda: not termios.tcgetattr(ours)[3] & termios.ECHO)
        os.write(ours, b"typed-in-secret\n")
        said = _until(ours, "[us]", said, process)
        os.write(ours, b"eu\n")
        said = _until(ours, "enable --now poller", said, process)
        assert process.wait(30) == 0
    os.close(ours)
    assert "typed-in-secret" not in said
    settings = load_settings(stage.directory / "new" / "config.yaml")
    assert settings.segment.write_key.get_secret_value() == "typed-in-secret"
    assert settings.segment.host == "https://events.eu1.segmentapis.com"


def _until(terminal: int, words: str, said: str, process: "subprocess.Popen[bytes]") -> str:
    until = time.monotonic() + 60
    while words not in said and time.monotonic() < until:
        if select.select([terminal], [], [], 0.5)[0]:
            try:
                said += os.read(terminal, 65_536).decode(errors="replace")
            except OSError:
                break
    if words not in said:
        process.kill()
    assert words in said, said
    return said


def test_the_template_is_json_safe_for_any_secret() -> None:
    from poller.setup.proposal import filled, template

    odd = 'a: "b" #\\ {c}'
    assert yaml.safe_load(filled(template(), {"shop.password": odd}))["shop"]["password"] == odd
    assert json.dumps(odd)
