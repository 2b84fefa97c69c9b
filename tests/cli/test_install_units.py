"""`poller install-units`: what it places, that it may be repeated, and that nobody's edits are lost."""

import hashlib
import json
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from poller.setup.units import PROGRAM, missing_credentials, place, plan, units_directory
from tests.cli.installed import POLLER, poller

UNITS = ("poller-backfill@.service", "poller-catch-up.service", "poller-catch-up.timer", "poller.service")
WORST_EXPOSURE = 1.5


def install(root: Path) -> dict[str, str]:
    """What became of each file, by its name."""
    placed = plan(root, POLLER)
    place(placed, root)
    return {one.path.name: one.action for one in placed}


def unit(root: Path, name: str = "poller.service") -> Path:
    return root / "etc/systemd/system" / name


def files(root: Path) -> dict[str, str]:
    return {str(file.relative_to(root)): file.read_text() for file in sorted(root.rglob("*")) if file.is_file()}


def test_everything_is_placed_and_the_next_lines_are_said(tmp_path: Path) -> None:
    done = poller("install-units", "--prefix", str(tmp_path), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    names = {f"etc/systemd/system/{name}" for name in UNITS} | {"usr/lib/sysusers.d/poller.conf"}
    assert set(files(tmp_path)) == names
    for name in ("systemd-sysusers", "systemctl daemon-reload", "systemctl enable --now poller"):
        assert f"    {name}\n" in done.stdout
    assert "They do not start without /etc/poller/credentials/segment.write_key" in done.stdout
    for name in UNITS:
        whole = unit(tmp_path, name).read_text()
        source = (units_directory() / name).read_text().replace(PROGRAM, str(POLLER))
        assert whole.partition("\n")[2] == source
        assert stat.S_IMODE(unit(tmp_path, name).stat().st_mode) == 0o644
    secrets = tmp_path / "etc/poller/credentials"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    done = poller("install-units", "--prefix", str(tmp_path), "--dry-run", "--json", cwd=tmp_path)
    assert files(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []
    said = json.loads(done.stdout)
    assert {one["action"] for one in said["files"]} == {"new"}
    assert said["next"][-1] == "systemctl enable --now poller"


def test_again_changes_nothing(tmp_path: Path) -> None:
    assert set(install(tmp_path).values()) == {"new"}
    before = files(tmp_path)
    assert set(install(tmp_path).values()) == {"as it is"}
    assert files(tmp_path) == before


def test_one_that_was_placed_by_hand_is_as_it_is(tmp_path: Path) -> None:
    """The documented line, `install -m 0644`, and then the command."""
    unit(tmp_path).parent.mkdir(parents=True)
    text = (units_directory() / "poller.service").read_text().replace(PROGRAM, str(POLLER))
    unit(tmp_path).write_text(text)
    assert install(tmp_path)["poller.service"] == "as it is"


def test_one_of_an_older_version_is_renewed(tmp_path: Path) -> None:
    """It was placed, and nobody touched it: its first line proves that."""
    install(tmp_path)
    now = unit(tmp_path).read_text()
    older = _as_placed(now.partition("\n")[2].replace("RestartSec=5s", "RestartSec=9s"))
    unit(tmp_path).write_text(older)
    assert install(tmp_path)["poller.service"] == "renewed"
    assert unit(tmp_path).read_text() == now


def _as_placed(body: str) -> str:
    """What another version would have written."""
    return f"# Installed by poller 0.0.1, sha256 of what follows: {hashlib.sha256(body.encode()).hexdigest()}\n{body}"


def test_one_that_was_edited_is_left_and_that_is_said(tmp_path: Path) -> None:
    install(tmp_path)
    edited = unit(tmp_path).read_text().replace("WatchdogSec=5min", "WatchdogSec=9min")
    unit(tmp_path).write_text(edited)
    done = poller("install-units", "--prefix", str(tmp_path), cwd=tmp_path)
    assert unit(tmp_path).read_text() == edited
    assert "WatchdogSec=5min" in unit(tmp_path, "poller.service.new").read_text()
    assert (
        f"{unit(tmp_path)}: edited here, so left alone; the new one lies beside it, as poller.service.new"
        in done.stdout
    )


def test_one_that_is_masked_stays_so(tmp_path: Path) -> None:
    unit(tmp_path).parent.mkdir(parents=True)
    unit(tmp_path).symlink_to("/dev/null")
    assert install(tmp_path)["poller.service"] == "masked"
    assert unit(tmp_path).readlink() == Path("/dev/null")


def test_secrets_that_not_everybody_has_are_loaded_too(tmp_path: Path) -> None:
    """Each file named like a setting; systemd would not start a unit that names one that is not there."""
    secrets = tmp_path / "etc/poller/credentials"
    secrets.mkdir(parents=True, mode=0o700)
    for name in ("shop.password", "segment.write_key", "monitoring.heartbeat_url", "shops.2.write_key", "notes.txt"):
        (secrets / name).write_text("x")
    install(tmp_path)
    assert missing_credentials(tmp_path) == []
    for name in ("poller.service", "poller-backfill@.service", "poller-catch-up.service"):
        lines = unit(tmp_path, f"{name}.d/credentials.conf").read_text().splitlines()
        assert lines[-2:] == [
            "LoadCredential=monitoring.heartbeat_url:/etc/poller/credentials/monitoring.heartbeat_url",
            "LoadCredential=shops.2.write_key:/etc/poller/credentials/shops.2.write_key",
        ]


def test_a_directory_that_is_not_ours_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "etc").write_text("a file where a directory should be")
    done = poller("install-units", "--prefix", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 78
    assert "hint: Run it as root, or say --prefix DIR" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not on this machine")
def test_what_was_placed_is_sound_and_in_a_sandbox(tmp_path: Path) -> None:
    """With the drop-in for more secrets, as it would run."""
    secrets = tmp_path / "etc/poller/credentials"
    secrets.mkdir(parents=True)
    (secrets / "monitoring.heartbeat_url").write_text("x")
    install(tmp_path)
    paths = [unit(tmp_path, name) for name in UNITS]
    verified = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    ours = [line for line in verified.stderr.splitlines() if "poller" in line]
    assert (ours, verified.returncode) == ([], 0)
    for path in paths:
        if path.suffix == ".service":
            judged = subprocess.run(
                ["systemd-analyze", "security", "--offline=true", path], capture_output=True, text=True, check=True
            )
            score = re.search(r"Overall exposure level for .*: ([\d.]+)", judged.stdout)
            assert score
            assert float(score[1]) <= WORST_EXPOSURE
