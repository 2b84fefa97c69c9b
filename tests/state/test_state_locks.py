"""One holder at a time, named to whoever comes second, and gone with its process."""

import json
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from poller.errors import ConfigurationError, StateBusyError
from poller.state.locks import HolderLock, holder_of

HOLD = """
import sys
from poller.state.locks import HolderLock
with HolderLock(sys.argv[1], "live", door="poller run"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/state.db"


@pytest.fixture
def holder(url: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_is_told_who_holds_it(url: str, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(StateBusyError) as caught:
        HolderLock(url, "live", door="poller catch-up").acquire()
    assert f"The live lane is held by pid {holder.pid} (poller run) on host " in caught.value.message
    assert " since 20" in caught.value.message


def test_a_holder_killed_holds_no_more(url: str, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(StateBusyError):
        HolderLock(url, "live", door="poller run").acquire()
    holder.send_signal(signal.SIGKILL)
    assert holder.wait() == -signal.SIGKILL
    with HolderLock(url, "live", door="poller run"), pytest.raises(StateBusyError, match=r"\(poller run\)"):
        HolderLock(url, "live", door="poller catch-up").acquire()


def test_a_holder_that_ends_well_leaves_no_name(url: str, holder: subprocess.Popen[str], tmp_path: Path) -> None:
    assert json.loads((tmp_path / "state.db.live.holder").read_text())["pid"] == holder.pid
    assert holder.stdin
    holder.stdin.close()
    assert holder.wait() == 0
    assert not (tmp_path / "state.db.live.holder").exists()
    with HolderLock(url, "live", door="poller run"):
        pass


def test_who_asks_is_told_the_holder_or_nobody(url: str, holder: subprocess.Popen[str], tmp_path: Path) -> None:
    assert holder_of(url, "live").startswith(f"pid {holder.pid} (poller run) on host ")
    assert holder_of(url, "deliver") == ""
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "state.db.live.holder").exists()
    assert holder_of(url, "live") == ""


def test_two_in_one_process_are_two(url: str) -> None:
    second = HolderLock(url, "live", door="poller catch-up")
    with HolderLock(url, "live", door="poller run"):
        with pytest.raises(StateBusyError, match=r"\(poller run\)"):
            second.acquire()
        second.release()
        with pytest.raises(StateBusyError, match=r"\(poller run\)"):
            second.acquire()
    with second:
        pass


def test_other_names_and_other_stores_are_free(url: str, tmp_path: Path) -> None:
    with (
        HolderLock(url, "live", door="poller run"),
        HolderLock(url, "deliver", door="poller run"),
        HolderLock(url, "backfill-2023", door="poller backfill"),
        HolderLock(f"sqlite:///{tmp_path}/other.db", "live", door="poller run"),
    ):
        pass


def test_it_may_be_let_go_by_another_thread(url: str) -> None:
    lock = HolderLock(url, "live", door="poller run")
    lock.acquire()
    thread = threading.Thread(target=lock.release)
    thread.start()
    thread.join()
    with HolderLock(url, "live", door="poller run"):
        pass


def test_its_files_are_private(url: str, tmp_path: Path) -> None:
    with HolderLock(url, "live", door="poller run"):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"state.db.live.lock": 0o600, "state.db.live.holder": 0o600}


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '"x"'])
def test_a_name_that_cannot_be_read_does_not_weaken_the_lock(url: str, tmp_path: Path, body: str) -> None:
    with HolderLock(url, "live", door="poller run"):
        (tmp_path / "state.db.live.holder").write_text(body)
        with pytest.raises(StateBusyError, match="held by another process"):
            HolderLock(url, "live", door="poller run").acquire()


def test_a_missing_directory_is_a_matter_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        HolderLock(f"sqlite:///{tmp_path}/none/state.db", "live", door="poller run").acquire()


def test_memory_has_no_locks() -> None:
    with pytest.raises(ConfigurationError, match="memory"):
        HolderLock("sqlite://", "live", door="poller run")
    assert holder_of("sqlite://", "live") == ""
