"""The installed command as a process of its own, with what it costs: seconds of CPU, and memory at its highest."""

import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Self

COMMAND = Path(sys.executable).with_name("poller")
_TICKS = os.sysconf("SC_CLK_TCK")
_LOOK_SECONDS = 0.02
_STOP_SECONDS = 30
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended: what it printed, and what it took."""

    printed: str
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def run(config: Path, *arguments: str, through: Sequence[str | Path] = (COMMAND,)) -> Ended:
    """Run the command to its end; raises RuntimeError where it fails. `through` is what runs it."""
    return measured([*through, "--config", config, *arguments], log=config.with_name("said"))


def measured(
    command: Sequence[str | Path],
    *,
    log: Path,
    output: Path | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Ended:
    """Run any program to its end; raises RuntimeError where it fails.

    What it prints is kept, in the file `output` where that is given; what it says of its troubles goes to `log`.
    """
    before = _children_cpu()
    began = time.monotonic()
    peak = 0
    printing = output or log.with_suffix(".printed")
    with (
        log.open("wb") as said,
        printing.open("wb") as printed,
        started(command, stdout=printed, stderr=said, environment=environment) as process,
    ):
        while process.poll() is None:
            peak = max(peak, peak_bytes(process.pid))
            time.sleep(_LOOK_SECONDS)
        wall = time.monotonic() - began
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with exit code {process.returncode}: {log.read_text()[-2000:]}")
    return Ended("" if output else printing.read_text(), wall, _children_cpu() - before, peak)


class Daemon:
    """`poller run`, from its start to its end; `ready_seconds` is how long its first look at the shop took to come."""

    def __init__(self, config: Path) -> None:
        began = time.monotonic()
        self._process = started([COMMAND, "--config", config, "run"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.pid = self._process.pid
        self.troubles: list[str] = []
        self._has_spoken = threading.Event()
        lines = _lines(self._process.stderr)
        if not any(self._has_looked(line) for line in lines):
            self._process.wait()
            raise RuntimeError(f"the daemon ended before it was ready: {self.troubles}")
        self.ready_seconds = time.monotonic() - began
        self._reader = threading.Thread(target=self._read, args=(lines,), daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait_for_silence(self, seconds: float) -> None:
        """Wait until it has had nothing to tell for so long; raises TimeoutError if that never comes."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while self._has_spoken.wait(seconds):
            self._has_spoken.clear()
            if time.monotonic() > until:
                raise TimeoutError("the daemon does not come to rest")

    def cpu_seconds(self) -> float:
        """Seconds of CPU since its start, in user and kernel mode."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def peak_bytes(self) -> int:
        """The most memory it ever held."""
        return peak_bytes(self.pid)

    def stop(self) -> int:
        """Stop it in order; returns its exit code."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join()
        return self._process.returncode

    def _read(self, lines: Iterator[dict[str, object]]) -> None:
        for line in lines:
            self._has_looked(line)
            self._has_spoken.set()

    def _has_looked(self, line: dict[str, object]) -> bool:
        if line.get("level") in {"warning", "error", "critical"}:
            self.troubles.append(json.dumps(line))
        return line.get("event") == "daemon.ready"


def peak_bytes(pid: int) -> int:
    """The most memory a process ever held; 0 once it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def started(
    command: Sequence[str | Path],
    *,
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
    environment: Mapping[str, str] = MappingProxyType({}),
) -> "subprocess.Popen[bytes]":
    """Start it without a proxy between it and the receiver."""
    direct = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env={**os.environ, **direct, **environment}
    )


def _lines(stream: IO[bytes] | None) -> Iterator[dict[str, object]]:
    if stream is None:
        return
    with stream:
        for raw in stream:
            try:
                line = json.loads(raw)
            except ValueError:
                line = {"level": "error", "event": raw.decode(errors="replace").strip()}
            yield line


def _children_cpu() -> float:
    """Seconds of CPU of all processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
