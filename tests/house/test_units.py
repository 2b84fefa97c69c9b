"""The units for systemd: sound, and in a sandbox."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from poller.config import known_settings
from tests.house.pages import ROOT

UNITS = ROOT / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
WORST_EXPOSURE = 1.5
PROGRAM = "/opt/poller/bin/poller"

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine")


def test_the_units_are_those_of_the_documentation() -> None:
    assert {file.name for file in UNITS.iterdir()} == {
        "poller.service",
        "poller-backfill@.service",
        "poller-catch-up.service",
        "poller-catch-up.timer",
        "poller.cron",
        "poller.sysusers.conf",
    }


@needs_systemd
@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_is_in_a_sandbox(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True, check=True
    )
    score = re.search(r"Overall exposure level for .*: ([\d.]+)", done.stdout)
    assert score
    assert float(score[1]) <= WORST_EXPOSURE, done.stdout


@needs_systemd
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """With a program that is there: the units name the place where it will be installed."""
    poller = Path(sys.executable).with_name("poller")
    for unit in (*SERVICES, *UNITS.glob("*.timer")):
        (tmp_path / unit.name).write_text(unit.read_text(encoding="utf-8").replace(PROGRAM, str(poller)))
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(tmp_path.iterdir())], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if "poller" in line]
    assert (ours, done.returncode) == ([], 0)


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_what_all_services_share_is_the_same(unit: Path) -> None:
    shared = _lines(UNITS / "poller.service", after="User=")
    assert shared
    assert _lines(unit, after="User=") == shared


def _lines(unit: Path, *, after: str) -> list[str]:
    """The settings of a service from the given one on."""
    service = unit.read_text(encoding="utf-8").partition("[Service]")[2].partition("\n[Install]")[0]
    lines = [line for line in service.splitlines() if line and not line.startswith("#")]
    return lines[next(at for at, line in enumerate(lines) if line.startswith(after)) :]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_credentials_are_settings(unit: Path) -> None:
    names = re.findall(r"^LoadCredential=([^:]+):", unit.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(names) == ["segment.write_key", "shop.password"]
    assert set(names) <= set(known_settings())


def test_a_wrong_configuration_or_command_is_not_tried_again() -> None:
    for name in ("poller.service", "poller-backfill@.service"):
        text = (UNITS / name).read_text(encoding="utf-8")
        assert {"78", "2"} <= set(re.findall(r"^RestartPreventExitStatus=(.+)$", text, re.MULTILINE)[0].split())


def test_the_account_can_be_made() -> None:
    if not shutil.which("systemd-sysusers"):
        pytest.skip("systemd-sysusers is not on this machine")
    done = subprocess.run(
        ["systemd-sysusers", "--dry-run", UNITS / "poller.sysusers.conf"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_line_for_cron_is_one_that_cron_reads() -> None:
    lines = (UNITS / "poller.cron").read_text(encoding="utf-8").splitlines()
    jobs = [line for line in lines if line and not line.startswith("#") and "=" not in line.split()[0]]
    assert len(jobs) == 1
    assert re.fullmatch(rf"(\S+ ){{5}}poller {PROGRAM} --config \S+ catch-up >/dev/null", jobs[0])
    assert jobs[0].count("%") == 0, "cron makes a newline of it"
