"""What systemd hears, on a real datagram socket."""

import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from poller.observe.sdnotify import Notifier


@pytest.fixture
def line() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.settimeout(5)
        yield listener


def hear(listener: socket.socket, count: int) -> list[str]:
    return [listener.recv(4096).decode() for _ in range(count)]


def speak(notifier: Notifier) -> None:
    notifier.ready()
    notifier.status("poll: the shop is away.\nWait.")
    notifier.watchdog()
    notifier.stopping()


WORDS = ["READY=1", "STATUS=poll: the shop is away. Wait.", "WATCHDOG=1", "STOPPING=1"]


def test_a_path(line: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = str(tmp_path / "notify")
    line.bind(address)
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    speak(Notifier.from_environment())
    assert hear(line, 4) == WORDS


def test_an_abstract_name(line: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"poller-test-{uuid4()}"
    line.bind(f"\0{name}")
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    speak(Notifier.from_environment())
    assert hear(line, 4) == WORDS


def test_nobody_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len([*Path("/proc/self/fd").iterdir()])
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    speak(Notifier.from_environment())
    speak(Notifier(str(tmp_path / "gone")))
    assert len([*Path("/proc/self/fd").iterdir()]) == before


def test_a_listener_that_does_not_read_holds_nothing_up(line: socket.socket, tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    line.bind(address)
    queue = int(Path("/proc/sys/net/unix/max_dgram_qlen").read_text())
    for number in range(queue + 3):
        Notifier(address).status(str(number))
    assert hear(line, queue)[-1] == f"STATUS={queue - 1}"
