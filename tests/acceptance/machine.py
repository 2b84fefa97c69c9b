"""A machine to follow the documentation on: directories of its own where the pages write, and the real programs.

In a mount namespace, so that `/etc`, `/opt`, `/var` and the places of systemd are copies that go with it.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.acceptance.process import COMMAND, environment
from tests.acceptance.stage import Stage
from tests.acceptance.test_init import prestashop
from tests.house.pages import ROOT

CHECKOUT: Final = (
    "poller",
    "sql",
    "systemd",
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
    "requirements-dev.lock",
    "config.yaml",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
)
"""What the pages need of a checkout of the repository."""

VIEW: Final = """
set -e
cp -a /etc "$MACHINE/etc"
mount --bind "$MACHINE/etc" /etc
for place in /opt /var /usr/lib/sysusers.d; do
    mkdir -p "$MACHINE$place"
    mount --bind "$MACHINE$place" "$place"
done
mkdir -p "$HOME" /var/lib /var/tmp /var/www /etc/systemd/system
cp -a "$MACHINE/shop" /var/www/prestashop
exec bash -euo pipefail "$MACHINE/page"
"""

STAND_INS: Final = {
    "sudo": ("whoever runs this is root already", 'exec "$@"'),
    "mysql": (
        "the shop's server is a private one, and its administrator's socket is not at the usual place",
        'exec mariadb --no-defaults -uroot -S "$SOCKET" "$@"',
    ),
    "make": ("`make test` would run itself; what is run is that the target is there", 'exec /usr/bin/make -n "$@"'),
    "systemctl": (
        "no systemd runs in a test: what is proven is that the unit it names was placed, and is one",
        """
echo "systemctl $*" >>"$MACHINE/asked"
for word in "$@"; do
    case "$word" in
        daemon-reload) systemd-analyze verify /etc/systemd/system/poller*.service /etc/systemd/system/poller*.timer ;;
        enable|start|stop|restart|reload|status|--now) ;;
        *) file="$word"; case "$word" in *.*) ;; *) file="$word.service" ;; esac; test -f "/etc/systemd/system/$file" ;;
    esac
done
""",
    ),
    "journalctl": (
        "no journal is kept in a test, and `-f` would wait for ever",
        'echo "journalctl $*" >>"$MACHINE/asked"',
    ),
}
"""Programs that cannot run in a test, each with the reason and with what is run in its place."""

PIP: Final = """#!/bin/bash
set -e
here="$(cd "$(dirname "$0")" && pwd)"
case "$*" in
    "install --require-hashes -r requirements.lock")
        test -s requirements.lock
        echo "$LIBRARIES" >"$(echo "$here"/../lib/python3*/site-packages)/libraries.pth" ;;
    "install --no-deps --no-build-isolation .")
        exec "$PYTHON" -m pip --python "$here/python" install --quiet --no-index --no-deps --no-build-isolation . ;;
    *)
        echo "what is pip to do: $*" >&2
        exit 1 ;;
esac
"""
"""In place of a new environment's pip, because a test has no index of packages: its libraries are those of the suite's
own environment, which came from a lock of the same versions. The program is built, and installed, by the real pip."""

PYTHON3: Final = """
case "$*" in "-m venv "*) ;; *) exec "$PYTHON" "$@" ;; esac
"$PYTHON" -m venv --without-pip "$3"
install -m 0755 "$MACHINE/pip" "$3/bin/pip"
"""
"""The suite's interpreter under the name of the pages, and the pip above in what it makes."""


def can_be_made() -> bool:
    """Whether this machine lets us have mounts of our own."""
    probe = ["unshare", "--mount", "--propagation", "private", "mount", "--bind", "/opt", "/opt"]
    return os.geteuid() == 0 and subprocess.run(probe, capture_output=True, check=False).returncode == 0


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine; `place` holds its directories and is gone with the test's."""

    stage: Stage
    place: Path

    def __post_init__(self) -> None:
        self.place.mkdir(exist_ok=True)
        prestashop(self.stage).rename(self.place / "shop")
        checkout = self.place / "checkout"
        for name in CHECKOUT:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                checkout.mkdir(exist_ok=True)
                shutil.copy(source, checkout / name)
        programs = self.place / "bin"
        programs.mkdir()
        (self.place / "pip").write_text(PIP)
        scripts = {name: script for name, (_, script) in STAND_INS.items()} | {"python3": PYTHON3}
        for name, script in scripts.items():
            (programs / name).write_text(f"#!/bin/bash\nset -e\n{script}\n")
            (programs / name).chmod(0o755)

    def run(self, script: str, *, before: str = "", **given: str) -> "subprocess.CompletedProcess[str]":
        """Run a page's commands in a checkout, in order; `before` is what its reader did already. It must succeed."""
        (self.place / "page").write_text(f"{before}\n{script}\n")
        done = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "bash", "-c", VIEW],
            cwd=self.place / "checkout",
            env={k: v for k, v in environment().items() if not k.startswith("PYTHON")} | self.variables() | given,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done

    def variables(self) -> dict[str, str]:
        """The way to the receiver in Segment's place, and what the stand-ins need; no way out."""
        return {
            "HOME": str(self.place / "home"),
            "PYTHON": sys.executable,
            "LIBRARIES": sysconfig.get_path("purelib"),
            "MACHINE": str(self.place),
            "SOCKET": str(self.stage.server.socket),
            "PATH": f"{self.place / 'bin'}:/opt/poller/bin:{COMMAND.parent}:{os.environ['PATH']}",
            "POLLER_SEGMENT__HOST": self.stage.receiver.url,
            "HTTPS_PROXY": "http://127.0.0.1:1",
        }

    def asked(self) -> list[str]:
        """What systemd and its journal were asked."""
        file = self.place / "asked"
        return file.read_text().splitlines() if file.exists() else []
