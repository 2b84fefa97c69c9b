"""The demo as a person runs it: the real command, the real database, no difference, and nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from poller.demo.guard import Guard
from poller.demo.poller_process import PollerProcess
from poller.demo.ticker import NAMES
from poller.errors import BugError
from tests.support.contract import complaints

DEMO = "import sys; from poller.demo.show import run_demo; sys.exit(run_demo({seconds}))"
KEEPING = """
import json, pathlib
from poller.demo import show

class Keeping(show.Receiver):
    def __exit__(self, *failure):
        super().__exit__(*failure)
        pathlib.Path({file!r}).write_text(json.dumps(self.accepted))

show.Receiver = Keeping
"""
"""The demo's own receiver, which also writes down what it got."""


def start(seconds: float, *, directory: Path, keep: Path | None = None) -> subprocess.Popen[str]:
    # A setting of the operator's must not reach the demo's poller.
    environment = os.environ | {"TMPDIR": str(directory), "COLUMNS": "100", "POLLER_SHOP__URL": "mysql+pymysql://x@y/z"}
    code = (KEEPING.format(file=str(keep)) if keep else "") + DEMO.format(seconds=seconds)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)


def test_the_shop_and_what_arrived_agree(tmp_path: Path) -> None:
    messages, directory = tmp_path / "messages.json", tmp_path / "temporary"
    directory.mkdir()
    with start(6, directory=directory, keep=messages) as demo:
        said, _ = demo.communicate(timeout=120)
    assert demo.returncode == 0, said
    rows = {}
    for line in said.splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if len(cells) in {4, 7} and cells[1].isdigit():
            rows[cells[0]] = cells[1:4]
    assert rows.keys() == {*NAMES.values()}
    assert int(rows["Order Completed"][0]) > 0
    assert all(done == delivered and difference == "0" for done, delivered, difference in rows.values())
    assert said.count("Order Completed order") == int(rows["Order Completed"][0])
    assert "No difference." in said
    assert list(directory.iterdir()) == []
    assert [complaint for message in json.loads(messages.read_text()) for complaint in complaints(message)] == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)])
def test_however_it_is_ended_nothing_stays_behind(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with start(120, directory=tmp_path) as demo:
        assert demo.stdout
        for line in demo.stdout:
            if "Order Completed" in line:
                break
        children = psutil.Process(demo.pid).children(recursive=True)
        commands = [" ".join(child.cmdline()) for child in children]
        for part in ("mariadbd", "poller", "guard"):
            assert any(part in command for command in commands), commands
        demo.send_signal(number)
        demo.communicate(timeout=60)
        assert demo.returncode == code
        _, alive = psutil.wait_procs(children, timeout=30)
        assert alive == []
    until = time.monotonic() + 30
    while list(tmp_path.iterdir()) and time.monotonic() < until:
        time.sleep(0.05)
    assert list(tmp_path.iterdir()) == []


def test_a_poller_that_does_not_start_is_quoted(tmp_path: Path) -> None:
    directory = tmp_path / "guarded"
    directory.mkdir()
    guard = Guard(directory)
    try:
        with pytest.raises(BugError, match=r"config\.yaml"), PollerProcess(tmp_path / "config.yaml", guard):
            pass
    finally:
        guard.close()
    assert not directory.exists()
