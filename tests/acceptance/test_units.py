"""The service as systemd would start it: its own command line, no privileges, a system it cannot write."""

import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.acceptance.process import COMMAND, environment
from tests.acceptance.stage import Stage, completed, wait_until

UNIT = Path(__file__).resolve().parents[2] / "systemd" / "poller.service"
NOBODY = 65_534
VIEW = """
set -e
mount --bind "$STATE" "$STATE"
mount -o remount,ro,bind /
if mountpoint -q /tmp; then mount -o remount,ro,bind /tmp; fi
if touch /usr/written 2>/dev/null; then echo "the system can be written" >&2; exit 1; fi
exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \\
    --inh-caps=-all,+dac_read_search --ambient-caps=-all,+dac_read_search --bounding-set=-all,+dac_read_search "$@"
"""
"""A view of the files in which only the state directory can be written. The one capability left is to read: the
interpreter and the database's socket of a test lie in directories of root's."""


def can_make_a_view() -> bool:
    """Whether this machine lets us have mounts of our own."""
    probe = ["unshare", "--mount", "--propagation", "private", "mount", "-o", "remount,ro,bind", "/"]
    return os.geteuid() == 0 and subprocess.run(probe, capture_output=True, check=False).returncode == 0


def of_unit(name: str) -> str:
    """A setting of the unit."""
    match = re.search(rf"^{name}=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    assert match, name
    return match[1]


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that everybody may pass through, unlike those of pytest."""
    with tempfile.TemporaryDirectory(prefix="poller-units-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_the_service_works_without_privileges_on_a_system_it_cannot_write(stage: Stage, place: Path) -> None:
    if not can_make_a_view():
        pytest.skip("this machine lets nobody have mounts of their own: run as root, outside a sandbox")
    state, credentials = place / "state", place / "credentials"
    for directory in (state, credentials):
        directory.mkdir(mode=0o700)
    (credentials / "segment.write_key").write_text("k3y-of-the-credential\n")
    (credentials / "shop.password").write_text("")
    body = yaml.safe_load(stage.config.read_text())
    del body["segment"]["write_key"]
    config = place / "config.yaml"
    config.write_text(yaml.safe_dump(body | {"state": {"url": f"sqlite:///{state}/state.db"}}))

    config.chmod(0o600)
    for file in (state, credentials, config, *credentials.iterdir()):
        os.chown(file, NOBODY, NOBODY)

    exec_start = shlex.split(of_unit("ExecStart").replace("/opt/poller/bin/poller", str(COMMAND)))
    command = [word.replace("/etc/poller/config.yaml", str(config)) for word in exec_start]
    assert command[-1] == "run"
    variables = dict(pair.split("=") for pair in shlex.split(of_unit("Environment")))
    order = stage.keeper.order(stage.keeper.customer())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(str(place / "notify"))
        (place / "notify").chmod(0o666)
        told = {
            "STATE": str(state),
            "CREDENTIALS_DIRECTORY": str(credentials),
            "NOTIFY_SOCKET": str(place / "notify"),
        }
        with (place / "log").open("wb") as log:
            process = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "bash", "-c", VIEW, "view", *command],
                env=environment() | variables | told,
                cwd=state,
                stderr=log,
            )
        try:
            notify.settimeout(60)
            while notify.recv(4096) != b"READY=1":
                pass
            wait_until(lambda: stage.told() == completed(order), timeout=60)
            status = Path(f"/proc/{process.pid}/status").read_text()
            assert re.search(r"^Uid:\t65534\t65534\t65534\t65534$", status, re.MULTILINE)
            assert re.search(r"^CapEff:\t0*4$", status, re.MULTILINE), "to read, and nothing else"
            limits = Path(f"/proc/{process.pid}/limits").read_text()
            assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE), "no core dump of customers"
            assert "k3y" not in Path(f"/proc/{process.pid}/cmdline").read_text()
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, (place / "log").read_text()
        finally:
            process.kill()
            process.wait()
    found = (state / "state.db").stat()
    assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (NOBODY, 0o600)
    assert "k3y-of-the-credential" not in (place / "log").read_text()
    assert b"k3y-of-the-credential" not in (state / "state.db").read_bytes()


def test_reload_is_the_signal_that_the_daemon_hears() -> None:
    assert of_unit("ExecReload") == "/bin/kill -HUP $MAINPID"
