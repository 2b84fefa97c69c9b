"""The daemon as systemd and monitoring see it: ready, status, reload, metrics, health, heartbeat."""

import json
import re
import signal
import socket
import stat
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from poller.demo.receiver import Status
from tests.acceptance.stage import Stage, completed, messages_of, wait_until

SECRET = "c4n4ry-heartbeat"


class Systemd:
    """The other end of the notification socket."""

    def __init__(self, path: Path) -> None:
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._path = path
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while (message := self._socket.recv(4096).decode()) != "END":
            self.heard.append(message)

    def statuses(self) -> list[str]:
        return [message.removeprefix("STATUS=") for message in self.heard if message.startswith("STATUS=")]

    def close(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
            speaker.sendto(b"END", str(self._path))
        self._thread.join()
        self._socket.close()


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Systemd]:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    found = Systemd(tmp_path / "notify")
    yield found
    found.close()


class Switch:
    """A dead man's switch that counts."""

    def __init__(self) -> None:
        switch = self
        self.beats = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                switch.beats += self.path == f"/ping/{SECRET}"
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the library's signature
                del format, arguments

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/ping/{SECRET}"


@pytest.fixture
def switch() -> Iterator[Switch]:
    found = Switch()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def fetched(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_systemd_and_monitoring_see_how_it_goes(stage: Stage, systemd: Systemd, switch: Switch) -> None:
    stage.configure(
        monitoring={"listen": "127.0.0.1:0", "heartbeat_url": switch.url, "heartbeat_every": "200ms", "most_lag": "30s"}
    )
    order = stage.keeper.order(stage.keeper.customer())
    with stage.daemon() as daemon:
        (listening,) = daemon.said("monitoring.listening")
        port = listening["port"]
        wait_until(lambda: stage.told() == completed(order))
        line = r"Working: lag \d+ s, 0 waiting to be sent, 0 dead letters\."
        wait_until(lambda: any(re.fullmatch(line, text) for text in systemd.statuses()), timeout=60)
        assert "READY=1" in systemd.heard
        assert "WATCHDOG=1" in systemd.heard
        wait_until(lambda: switch.beats > 1, timeout=60)

        assert fetched(port, "/healthz") == (200, "ok\n")
        code, text = fetched(port, "/metrics")
        assert code == 200
        assert 'poller_messages_total{name="Order Completed",outcome="delivered"} 1.0' in text
        assert "poller_running 1.0" in text
        assert fetched(port, "/secrets")[0] == 404

        stage.receiver.always(Status(401))
        stage.keeper.order(stage.keeper.customer("Bob"))
        wait_until(lambda: fetched(port, "/healthz")[0] == 503, timeout=60)
        assert "sending stopped" in fetched(port, "/healthz")[1]
        silent = switch.beats
        wait_until(lambda: stage.standing().delivery.stopped)
        assert 'poller_delivery_stopped{source="default"} 1.0' in fetched(port, "/metrics")[1]
        assert switch.beats <= silent + 1, "who is not well keeps silent"
        assert daemon.stop() == 0
        assert SECRET not in daemon.text()
    assert systemd.heard[-1].startswith(("STOPPING=1", "STATUS=", "WATCHDOG"))
    assert SECRET not in stage.run("status", "--json").stdout + "".join(systemd.heard)
    assert SECRET.encode() not in stage.state.read_bytes()


def test_settings_are_read_anew_and_wrong_ones_are_refused(stage: Stage, systemd: Systemd) -> None:
    first = stage.keeper.order(stage.keeper.customer())
    with stage.daemon() as daemon:
        wait_until(lambda: stage.told() == completed(first))
        assert daemon.process
        pid = daemon.process.pid

        good = stage.config.read_text()
        for wrong, words in (
            (good.replace("shop:", "shpo:"), "unknown setting"),
            (good.replace(stage.database, "no_such_shop"), "does not exist"),
            ("shop: [", "is not valid YAML"),
        ):
            told = len(daemon.said("daemon.reload_refused"))
            stage.config.write_text(wrong)
            daemon.process.send_signal(signal.SIGHUP)
            daemon.wait_for(lambda told=told: len(daemon.said("daemon.reload_refused")) > told, timeout=60)  # type: ignore[misc]  # the loop's value
            assert words in daemon.said("daemon.reload_refused")[-1]["error"]
        assert any("old ones hold" in text for text in systemd.statuses())
        second = stage.keeper.order(stage.keeper.customer("Bob"))
        wait_until(lambda: stage.told() == completed(first, second), timeout=60)

        stage.configure(segment={"sent_from": "another name"})
        daemon.process.send_signal(signal.SIGHUP)
        daemon.wait_for(lambda: bool(daemon.said("daemon.reloaded")), timeout=60)
        third = stage.keeper.order(stage.keeper.customer("Eve"))
        wait_until(lambda: bool(messages_of(stage.receiver, third)), timeout=60)
        assert messages_of(stage.receiver, third)[0]["properties"]["sent_from"] == "another name"
        assert daemon.process.pid == pid
        wait_until(lambda: systemd.heard.count("READY=1") == 5, timeout=60)
        assert len([message for message in systemd.heard if message.startswith("RELOADING=1")]) == 4
        assert daemon.stop() == 0
    assert len(stage.receiver.accepted) == len(stage.receiver.distinct()), "nothing was told twice"


def test_a_silence_that_is_unusual_for_the_shop_is_told_once(stage: Stage) -> None:
    stage.configure(monitoring={"heartbeat_every": "100ms"})
    customer = stage.keeper.customer()
    for number in range(30, 0, -1):
        stage.keeper.at = datetime.now(UTC) - timedelta(hours=5, minutes=number)
        stage.keeper.order(customer)
    stage.keeper.at = None
    with stage.daemon() as daemon:
        daemon.wait_for(lambda: bool(daemon.said("orders.missing")), timeout=60)
        assert "unusually long for this shop" in stage.run("status").stdout
        assert len(daemon.said("orders.missing")) == 1


def test_a_catch_up_leaves_a_text_file_and_a_heartbeat(stage: Stage, switch: Switch) -> None:
    file = stage.directory / "poller.prom"
    stage.configure(monitoring={"textfile": str(file), "heartbeat_url": switch.url})
    stage.keeper.order(stage.keeper.customer())
    stage.catch_up()
    stage.catch_up()
    assert switch.beats == 2
    text = file.read_text()
    assert 'poller_messages_total{name="Order Completed",outcome="delivered"} 1.0' in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert [path.name for path in stage.directory.glob("poller.prom*")] == ["poller.prom"]
    stage.configure(monitoring={"textfile": str(stage.directory / "no" / "poller.prom")})
    done = stage.run("catch-up")
    assert (done.returncode, "monitoring.textfile" in done.stderr) == (78, True)


def test_what_listens_beyond_this_host_is_refused(stage: Stage) -> None:
    for address in ("0.0.0.0:9464", "9464", "127.0.0.1:99999", "shop.example.com:80"):
        stage.configure(monitoring={"listen": address})
        done = stage.run("status")
        assert done.returncode == 78
        assert "127.0.0.1:9464" in done.stderr
    assert json.dumps(stage.run("status").returncode) == "78"
