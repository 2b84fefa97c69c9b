"""The tutorial, followed to the letter: its own commands, one after the other, on a shop it has never seen."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.process import COMMAND, environment
from tests.acceptance.stage import Stage
from tests.acceptance.test_init import prestashop

ROOT = Path(__file__).resolve().parents[2]
INSTALLATION = "## 1. Install the program"


def commands(page: Path, *, but: str) -> str:
    """The lines of a page's shell blocks; those of one section are left out."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(but)
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", before + rest.partition("\n## ")[2], re.DOTALL | re.MULTILINE))


def program(place: Path, name: str, script: str) -> None:
    """A program found before any other of that name."""
    file = place / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


@pytest.fixture
def path(stage: Stage) -> str:
    """Programs as the reader has them: `mysql` reaches the shop's server as its administrator."""
    place = stage.directory / "bin"
    place.mkdir()
    program(place, "mysql", f'exec mariadb --no-defaults -uroot -S "{stage.server.socket}" "$@"')
    return f"{place}:{COMMAND.parent}:{os.environ['PATH']}"


def test_from_nothing_to_delivered_events(stage: Stage, path: str) -> None:
    """But for the installation, which tests/house/test_wheel.py goes through; the receiver plays Segment's part."""
    shop = prestashop(stage)
    customer = stage.keeper.customer()
    first = stage.keeper.order(customer)
    script = commands(ROOT / "docs" / "tutorial.md", but=INSTALLATION)
    script = re.sub(r"^export SHOP=\S+", f"export SHOP={shop}", script, flags=re.MULTILINE)
    script = script.replace("preview order 1\n", f"preview order {first}\n")
    given = {"PATH": path, "POLLER_SEGMENT__HOST": stage.receiver.url, "HTTPS_PROXY": "http://127.0.0.1:1"}
    try:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=stage.directory,
            env=environment() | given,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert ("Order Completed", first) in stage.told()
        assert len(stage.receiver.accepted) == len(stage.receiver.distinct()), "the backfill repeats nothing"
        here = stage.directory / "poller-here"
        assert {file.name for file in here.iterdir()} >= {"config.yaml", "grants.sql", "state.db"}
        assert not stage.receiver.conflicts()
    finally:
        stage.keeper.run("DROP USER IF EXISTS poller@localhost")
