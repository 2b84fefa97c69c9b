"""The daemon as a process: real signals, a real notify socket, a small App behind it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, TypeAlias

import pytest

from poller.signals import AT_ONCE_SECONDS

FAKE_APP = Path(__file__).with_name("fake_app.py")


class Daemon:
    def __init__(self, process: "subprocess.Popen[str]", notify: socket.socket) -> None:
        self.process = process
        self.notify = notify
        self.said: list[str] = []
        self.heard: list[str] = []
        self._news: Queue[str] = Queue()
        # Read as systemd does, at once: ten unread messages fill the queue and hold the daemon up.
        self._listener = Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        while (message := self.notify.recv(4096).decode()) != "END":
            self._news.put(message)

    def until(self, word: str, times: int = 1) -> None:
        """Read what the App says until it has said the word so often (from now on)."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line.strip())
            times -= line.strip() == word
            if not times:
                return
        raise AssertionError(f"never said {word!r}: {self.said}")

    def until_heard(self, message: str) -> None:
        """Wait for a notification to systemd."""
        while message not in self.heard:
            self.heard.append(self._news.get(timeout=20))

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def release(self) -> None:
        """Let a hanging job go on."""
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def hang_up(self) -> None:
        """Listen to the end of what was sent, and no longer."""
        if self._listener.is_alive():
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
                speaker.sendto(b"END", self.notify.getsockname())
            self._listener.join()

    def end(self) -> tuple[int, list[dict[str, Any]]]:
        """Wait for the end; the exit code and the log lines. All that was said and heard is in `said` and `heard`."""
        out, err = self.process.communicate(timeout=20)
        self.said += out.split("\n")[:-1]
        self.hang_up()
        while not self._news.empty():
            self.heard.append(self._news.get())
        return self.process.returncode, [json.loads(line) for line in err.splitlines()]


@pytest.fixture
def run(tmp_path: Path) -> "Run":
    @contextmanager
    def daemon(scenario: str) -> Iterator[Daemon]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(tmp_path / "notify"))
            environment = {name: value for name, value in os.environ.items() if not name.startswith("POLLER_")}
            process = subprocess.Popen(
                [sys.executable, str(FAKE_APP), scenario],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**environment, "NOTIFY_SOCKET": str(tmp_path / "notify")},
            )
            with process:
                found = Daemon(process, notify)
                try:
                    yield found
                finally:
                    process.kill()
                    found.hang_up()

    return daemon


Run: TypeAlias = Callable[[str], AbstractContextManager[Daemon]]


def events(lines: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == name]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_daemon_with_exit_0(run: Run, number: int) -> None:
    with run("idle") as daemon:
        for word in ("start run", "poll", "deliver", "hot sweep", "sweep"):
            if word not in daemon.said:
                daemon.until(word)
        daemon.signal(number)
        code, lines = daemon.end()
    assert code == 0
    assert daemon.said[-1] == "closed"
    assert daemon.said.count("start run") == 1
    (stopping,) = events(lines, "daemon.stopping")
    assert stopping["signal"] == signal.Signals(number).name
    assert lines[-1]["event"] == "daemon.stopped"
    assert lines[-1]["exit"] == 0


@pytest.mark.parametrize("scenario", ["poll hangs", "deliver hangs"])
def test_the_first_signal_lets_the_job_in_hand_finish(run: Run, scenario: str) -> None:
    with run(scenario) as daemon:
        daemon.until("hanging")
        daemon.signal(signal.SIGTERM)
        daemon.until_heard("STOPPING=1")
        assert daemon.process.poll() is None
        daemon.release()
        code, _ = daemon.end()
    assert code == 0
    assert daemon.said[-1] == "closed"
    assert (daemon.said.count("hanging"), daemon.said.count("done hanging")) == (1, 1)


@pytest.mark.parametrize(
    ("scenario", "first", "second", "code"),
    [
        ("poll hangs", signal.SIGTERM, signal.SIGTERM, 143),
        ("poll hangs", signal.SIGTERM, signal.SIGINT, 130),
        ("start hangs", signal.SIGINT, signal.SIGINT, 130),
    ],
)
def test_the_second_signal_exits_at_once(run: Run, scenario: str, first: int, second: int, code: int) -> None:
    with run(scenario) as daemon:
        daemon.until("hanging")
        daemon.signal(first)
        daemon.until_heard("STOPPING=1")
        time.sleep(2 * AT_ONCE_SECONDS)
        daemon.signal(second)
        # Before anything else: `end` closes stdin, which would let the hanging job go on.
        daemon.process.wait(timeout=20)
        ended, _ = daemon.end()
    assert ended == code
    assert "closed" not in daemon.said


def test_two_signals_at_once_are_one_wish(run: Run) -> None:
    """As `timeout poller run` sends them."""
    with run("poll hangs") as daemon:
        daemon.until("hanging")
        daemon.signal(signal.SIGTERM)
        daemon.signal(signal.SIGTERM)
        daemon.until_heard("STOPPING=1")
        daemon.release()
        code, _ = daemon.end()
    assert code == 0
    assert daemon.said[-1] == "closed"


def test_a_signal_during_the_start_ends_before_any_work(run: Run) -> None:
    with run("start hangs") as daemon:
        daemon.until("hanging")
        daemon.signal(signal.SIGTERM)
        daemon.until_heard("STOPPING=1")
        daemon.release()
        code, _ = daemon.end()
    assert code == 0
    assert daemon.said == ["start run", "hanging", "done hanging", "closed"]


def test_ready_after_the_first_good_poll_and_fed_while_working(run: Run) -> None:
    with run("idle") as daemon:
        daemon.until_heard("READY=1")
        daemon.heard.clear()
        daemon.until_heard("WATCHDOG=1")
        daemon.signal(signal.SIGTERM)
        code, lines = daemon.end()
    assert code == 0
    assert "READY=1" not in daemon.heard
    assert "STOPPING=1" in daemon.heard
    assert len(events(lines, "daemon.ready")) == 1


def test_every_poll_that_has_news_is_delivered_before_the_next(run: Run) -> None:
    """The delivery listens all the time, also between the end of one job and the start of the next."""
    with run("news") as daemon:
        daemon.until("news", times=11)
        daemon.signal(signal.SIGTERM)
        daemon.end()
    said = " ".join(word for word in daemon.said if word in {"poll", "news", "deliver"})
    polls = said.split("poll")[1:11]
    assert sum("news deliver" in rest for rest in polls) >= 9, said


def test_the_watchdog_starves_when_delivering_hangs(run: Run) -> None:
    with run("deliver hangs") as daemon:
        daemon.until("hanging")
        daemon.until("poll", times=5)
        daemon.signal(signal.SIGTERM)
        daemon.release()
        code, _ = daemon.end()
    assert code == 0
    assert "READY=1" in daemon.heard
    assert "WATCHDOG=1" not in daemon.heard


def test_an_absent_shop_is_tried_again_with_growing_pauses(run: Run) -> None:
    with run("away") as daemon:
        daemon.until_heard("STATUS=poll: Cannot reach the shop's database. Is it running?")
        assert not {"READY=1", "WATCHDOG=1"} & set(daemon.heard)
        daemon.until_heard("STATUS=Working.")
        daemon.until_heard("READY=1")
        daemon.signal(signal.SIGTERM)
        code, lines = daemon.end()
    assert code == 0
    postponed = events(lines, "poll.postponed")
    assert [line["pause_s"] for line in postponed] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert {line["level"] for line in postponed} == {"warning"}
    assert {line["error"] for line in postponed} == {"Cannot reach the shop's database."}
    assert {line["hint"] for line in postponed} == {"Is it running?"}
    assert not any("exception" in line for line in lines)
    assert [line["failures"] for line in events(lines, "daemon.recovered")] == [9]


def test_a_shop_that_is_away_at_the_start_is_waited_for(run: Run) -> None:
    with run("start away") as daemon:
        daemon.until("poll")
        daemon.signal(signal.SIGTERM)
        code, lines = daemon.end()
    assert code == 0
    assert daemon.said[:8] == ["start run", "closed"] * 3 + ["start run", daemon.said[7]]
    assert [line["pause_s"] for line in events(lines, "daemon.postponed")] == [1, 2, 4]
    assert len(events(lines, "daemon.started")) == 1


@pytest.mark.parametrize(("scenario", "expected"), [("start misconfigured", 78), ("start busy", 75)])
def test_what_waiting_does_not_heal_ends_the_start(run: Run, scenario: str, expected: int) -> None:
    with run(scenario) as daemon:
        code, lines = daemon.end()
    assert code == expected
    assert daemon.said == ["start run", "closed"]
    assert daemon.heard == []
    assert lines == []


def test_a_configuration_fault_at_work_is_loud_and_tried_again(run: Run) -> None:
    with run("poll misconfigured") as daemon:
        daemon.until("poll", times=3)
        daemon.until("deliver", times=3)
        daemon.signal(signal.SIGTERM)
        code, lines = daemon.end()
    assert code == 0
    faults = events(lines, "poll.misconfigured")
    assert len(faults) >= 2
    assert {(line["level"], line["pause_s"], line["hint"]) for line in faults} == {
        ("error", 60, "Correct segment.write_key.")
    }


def test_a_bug_is_told_with_its_traceback_and_is_exit_70(run: Run) -> None:
    with run("poll crashes") as daemon:
        code, lines = daemon.end()
    assert code == 70
    assert daemon.said[-1] == "closed"
    (crashed,) = events(lines, "daemon.crashed")
    assert crashed["job"] == "poll"
    assert "KeyError: 'a bug'" in crashed["exception"]


def test_pages_follow_one_another_and_only_work_is_told(run: Run) -> None:
    with run("pages") as daemon:
        daemon.until("poll", times=3)
        daemon.until("sweep")
        daemon.signal(signal.SIGTERM)
        code, lines = daemon.end()
    assert code == 0
    assert [line.get("has_more", False) for line in events(lines, "poll.finished")[:3]] == [True, True, False]
    assert events(lines, "sweep.finished")[0]["found_by_sweep"] == 1
    assert events(lines, "hot_sweep.finished") == [], "idle: told at debug only"
    assert events(lines, "batch.delivered") == []


@pytest.mark.parametrize(
    ("scenario", "event", "level"), [("delivers", "batch.delivered", "info"), ("refused", "batch.deferred", "error")]
)
def test_batches_are_told(run: Run, scenario: str, event: str, level: str) -> None:
    with run(scenario) as daemon:
        daemon.until("deliver", times=2)
        daemon.signal(signal.SIGTERM)
        code, lines = daemon.end()
    assert code == 0
    assert events(lines, event)[0]["level"] == level
