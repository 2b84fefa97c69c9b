"""The installed command as a process: started, waited for, killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

COMMAND = Path(sys.executable).with_name("poller")


def write_config(directory: Path, *, shop_url: str, segment_url: str, **settings: Any) -> Path:
    """A configuration as an operator would write it, readable by its owner only."""
    body: dict[str, Any] = {
        "shop": {"url": shop_url},
        "segment": {"write_key": "test-write-key", "host": segment_url},
        "state": {"url": f"sqlite:///{directory / 'state.db'}"},
        "schedule": {"poll": "50ms", "deliver": "50ms"},
        "log": {"format": "json"},
    }
    for name, value in settings.items():
        body[name] = {**body[name], **value} if isinstance(body.get(name), dict) else value
    path = directory / "config.yaml"
    path.write_text(yaml.safe_dump(body))
    path.chmod(0o600)
    return path


def environment() -> dict[str, str]:
    """Ours, without anything that would configure the poller behind the test's back."""
    return {name: value for name, value in os.environ.items() if not name.startswith("POLLER_")}


def run(
    config: Path, *arguments: str, timeout: float = 60, through: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; `through` is a program that runs it under other circumstances."""
    return subprocess.run(
        [*through, COMMAND, "--config", config, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        env=environment(),
    )


class Started:
    """A command that was started and goes on beside the test; killed at the end of the block."""

    def __init__(self, config: Path, *arguments: str) -> None:
        self._errors = config.with_name("started.err")
        self._command = [str(COMMAND), "--config", str(config), *arguments]

    def __enter__(self) -> Self:
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(self._command, stderr=errors, stdout=subprocess.DEVNULL, env=environment())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def wait(self, seconds: float) -> int | None:
        """Wait for its end, at most so long; its exit code, None if it goes on."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def terminate(self) -> None:
        """As systemd would."""
        self._process.terminate()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged so far."""
        return [json.loads(line) for line in self.errors().splitlines() if line.startswith("{") and line.endswith("}")]

    def kill(self) -> None:
        """As a power cut would."""
        self._process.kill()
        self._process.wait()

    def errors(self) -> str:
        """What it said."""
        return self._errors.read_text()


class Daemon:
    """`poller run`; its log lines go to a file that is read as they come."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._log = config.with_name("daemon.log")
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self, *, ready: bool = True) -> None:
        """Start it, and wait for its first good poll."""
        offset = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, "--config", self._config, "run"], stderr=log, stdout=log, env=environment()
            )
        if ready:
            self.wait_for(lambda: "daemon.ready" in [line.get("event") for line in self.lines(offset)], timeout=120)

    def lines(self, offset: int = 0) -> list[dict[str, Any]]:
        """The log so far."""
        text = self._log.read_bytes()[offset:].decode()
        return [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]

    def said(self, event: str) -> list[dict[str, Any]]:
        """The lines of that event, since its very first start."""
        return [line for line in self.lines() if line.get("event") == event]

    def text(self) -> str:
        """All it ever wrote, as it is."""
        return self._log.read_text()

    def kill(self) -> None:
        """As a power cut would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> int:
        """As systemd would; returns the exit code."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(30)
        self.process = None
        return code

    def wait_for(self, holds: Callable[[], bool], *, timeout: float = 30) -> None:
        until = time.monotonic() + timeout
        while not holds():
            assert self.process is not None
            assert self.process.poll() is None, f"the daemon ended: {self._log.read_text()[-2000:]}"
            assert time.monotonic() < until, f"waited in vain: {self._log.read_text()[-2000:]}"
            time.sleep(0.01)
