"""The installed command as a process: help, usage, configuration, and what needs no shop."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from poller.cli import main
from tests.cli.installed import NOWHERE, POLLER, poller

COMMANDS = (
    "init",
    "install-units",
    "run",
    "catch-up",
    "backfill",
    "replay",
    "check",
    "status",
    "preview",
    "events",
    "explain",
    "audit",
    "sql",
    "dead-letters",
    "state",
    "demo",
)


# ---------------------------------------------------------------- help, version, usage


def test_help_names_every_command(tmp_path: Path) -> None:
    done = poller("--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    listed = done.stdout.partition("Commands:")[2]
    assert [line.split()[0] for line in listed.splitlines() if line.startswith("  ")][: len(COMMANDS)] == [
        "init", "install-units", "run", "catch-up", "backfill", "replay", "check", "status", "preview",
        "events", "explain", "audit", "sql", "demo", "dead-letters", "state",
    ]  # fmt: skip
    assert "..." not in listed, "a sentence is cut off"
    assert "78 configuration" in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_without_settings(command: str, tmp_path: Path) -> None:
    done = poller(command, "--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: poller {command}")


def test_help_loads_no_library_that_is_slow(tmp_path: Path) -> None:
    slow = ["sqlalchemy", "pydantic", "apscheduler", "structlog", "requests", "segment", "rich", "yaml"]
    code = f"import sys, poller.cli.main; print([name for name in {slow} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_version(tmp_path: Path) -> None:
    done = poller("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "poller 0.1.0\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["status", "--nonsense"], "No such option"),
        (["backfill"], "Missing option"),
        (["backfill", "--since", "2024-13-01"], "--since: '2024-13-01' is not a date: write 2024-03-01"),
        (["backfill", "--since", "2999-01-01"], "--since: lies in the future"),
        (["backfill", "--since", "2024-02-01", "--until", "2024-01-01"], "--until: must be later than --since"),
        (["backfill", "--since", "2024-02-01", "--until", "2024-02-01"], "--until: must be later than --since"),
        (["backfill", "--since", "2024-02-01", "--rate", "0"], "--rate: must be greater than 0"),
        (["backfill", "--since", "2024-02-01", "--rate", "-5"], "--rate: must be greater than 0"),
        (["backfill", "--since", "2024-02-01", "--rate", "nan"], "--rate: must be greater than 0"),
        (["backfill", "--since", "2024-02-01", "--workers", "0"], "--workers"),
        (
            ["backfill", "--since", "2024-02-01", "--only", "orders,invoices"],
            "--only: 'orders,invoices' names something else than ",
        ),
        (["preview", "invoice", "1"], "'invoice' is none of customer, "),
        (["preview", "order", "0"], "'ID'"),
        (["preview", "order", "first"], "'ID'"),
        (["sql", "feeds/order"], "there is no statement feeds/order; did you mean feeds/orders?"),
        (["sql", "orders"], "orders may be audit/orders or feeds/orders or load/orders or sweep/orders"),
        (["dead-letters", "replay"], "name dead letters by number, or say --all"),
        (["dead-letters", "drop", "1", "--all"], "name dead letters by number, or say --all"),
        (["dead-letters", "drop", "1"], "what is dropped is gone: say --yes"),
    ],
)
def test_usage_errors_are_exit_2(words: list[str], message: str, tmp_path: Path) -> None:
    done = poller(*words, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert done.stdout == ""


# ---------------------------------------------------------------- configuration


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [
        ("shop: [", 0o600, "error: config.yaml is not valid YAML in line 1, column 8.\nhint: Check indentation"),
        (
            "shop: {url: 'mysql://u@h/d'}\nsegment: {wirte_key: c4n4ry}",
            0o600,
            "error: config.yaml: unknown setting `segment.wirte_key`; did you mean `segment.write_key`?\n",
        ),
        (
            "shop: {url: 'mysql://u:c4n4ry@h/d'}",
            0o600,
            "error: segment.write_key is missing: the poller does not know where events go.\nhint: Copy it from",
        ),
        (
            "shop: {url: 'mysql://u:c4n4ry@h/d', timezone: Europe/Lutetia}\nsegment: {write_key: c4n4ry}",
            0o600,
            "error: config.yaml: `shop.timezone` is not a known time zone",
        ),
        (
            "shop: {url: 'mysql://u@h/d'}\nsegment: {write_key: c4n4ry}",
            0o644,
            "error: config.yaml holds a secret, and everybody on this host may read it.\nhint: Run: chmod 600",
        ),
        (
            "shop: {url: 'mysql://u:c4n4ry@h:port/d'}\nsegment: {write_key: c4n4ry}",
            0o600,
            "error: config.yaml: `shop.url` is not a database URL.\nhint: Write it like mysql+pymysql://",
        ),
    ],
)
def test_configuration_errors_are_exit_78(text: str, mode: int, message: str, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(text)
    file.chmod(mode)
    done = poller("status", cwd=tmp_path)
    assert done.returncode == 78
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr
    assert "c4n4ry" not in done.stderr + done.stdout
    assert done.stdout == ""


@pytest.mark.parametrize(
    "command",
    ["run", "catch-up", "check --json", "preview order 1", "backfill --since 2024-01-01", "dead-letters list"],
)
def test_every_command_refuses_a_wrong_configuration(command: str, tmp_path: Path) -> None:
    done = poller(*command.split(), cwd=tmp_path)
    assert done.returncode == 78
    assert done.stderr.startswith("error: shop.url is missing")
    assert done.stdout == ""


def test_the_file_is_chosen_by_option_or_variable(tmp_path: Path) -> None:
    done = poller("--config", "absent.yaml", "status", cwd=tmp_path)
    assert done.returncode == 78
    assert done.stderr.startswith("error: Cannot read the configuration absent.yaml: No such file or directory.\n")
    (tmp_path / "mine.yaml").write_text("settle: soon")
    done = poller("status", cwd=tmp_path, settings={**NOWHERE, "POLLER_CONFIG": "mine.yaml"})
    assert done.returncode == 78
    assert done.stderr.startswith("error: mine.yaml: `settle` is not a duration.\n")


# ---------------------------------------------------------------- sql


def test_statements_are_listed_with_their_sentence(tmp_path: Path) -> None:
    done = poller("sql", "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    listed = {entry["name"]: entry["sentence"] for entry in json.loads(done.stdout)}
    assert listed["feeds/orders"] == "Orders that were created since the watermark."
    assert all(listed.values())
    assert "feeds/orders" in poller("sql", cwd=tmp_path).stdout


def test_a_statement_is_printed_with_the_shop_s_prefix(tmp_path: Path) -> None:
    done = poller("sql", "feeds/orders", cwd=tmp_path, settings={**NOWHERE, "POLLER_SHOP__PREFIX": "bq_"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "FROM bq_orders" in done.stdout
    assert "PREFIX_" not in done.stdout
    unset = poller("sql", "order_slip", cwd=tmp_path)
    assert unset.returncode == 0
    assert "FROM ps_order_slip" in unset.stdout
    assert unset.stderr.startswith("note: written with the prefix ps_, because: shop.url is missing")


def test_a_reader_who_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([POLLER, "sql"], cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert done.stderr == ""


# ---------------------------------------------------------------- a bug


def test_a_bug_is_exit_70_with_its_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def crash(**_: str) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(main, "app", crash)
    with pytest.raises(SystemExit) as caught:
        main.main()
    assert caught.value.code == 70
    assert "ZeroDivisionError: a bug" in caplog.text
    assert capsys.readouterr().err == "error: this is a bug in the poller.\nhint: Report it with the lines above.\n"
