"""The installed command `poller run` as a process beside the demo: started, watched through its log, ended."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from poller.demo.guard import Guard
from poller.errors import BugError

_LOOKED = ("poll.finished", "daemon.ready")
_TROUBLE = ("warning", "error", "critical")
_START_SECONDS = 60
_STOP_SECONDS = 20


class PollerProcess:
    """`poller --config FILE run`; a context manager that waits for its first look at the shop.

    `guard` ends it should we be killed. Raises BugError with what it said last if it never gets to look.
    """

    def __init__(self, config: Path, guard: Guard) -> None:
        self._config = config
        self._guard = guard
        self._changed = threading.Condition()
        self._has_looked = False
        self._last: deque[str] = deque(maxlen=20)
        self._troubles: deque[str] = deque()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [*_command(), "--config", str(self._config), "run"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(),
            # A Ctrl-C is for us; the poller is then told to stop in order.
            start_new_session=True,
        )
        self._guard.watch(self._process.pid)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> int:
        """Ask it to stop and wait for its end; returns its exit code."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._guard.watch(None)
        self._reader.join()
        return self._process.returncode

    def troubles(self) -> list[str]:
        """What it complained of since last asked."""
        with self._changed:
            found = list(self._troubles)
            self._troubles.clear()
        return found

    def _wait(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._has_looked or self._process.poll() is not None, _START_SECONDS)
            if not self._has_looked:
                said = "\n".join(self._last) or "(it said nothing)"
                raise BugError(f"The poller did not get to its first look at the shop:\n{said}")

    def _read(self) -> None:
        if self._process.stderr is None:
            return
        with self._process.stderr as lines:
            for raw in lines:
                self._note(raw.decode(errors="replace").rstrip())
        self._process.wait()
        with self._changed:
            self._changed.notify_all()

    def _note(self, line: str) -> None:
        entry = _entry(line)
        with self._changed:
            self._last.append(line)
            if entry.get("event") in _LOOKED:
                self._has_looked = True
            if entry.get("level") in _TROUBLE:
                self._troubles.append(line)
            self._changed.notify_all()


def _entry(line: str) -> Mapping[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _command() -> list[str]:
    """The installed script: beside this Python, or wherever it is."""
    beside = Path(sys.executable).with_name("poller")
    found = str(beside) if beside.exists() else shutil.which("poller")
    return [found] if found else [sys.executable, "-c", "from poller.cli.main import main; main()"]


def _environment() -> dict[str, str]:
    """Ours, without the operator's own settings, which would have the last word, and without a proxy in between."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("POLLER_")}
    kept.pop("CREDENTIALS_DIRECTORY", None)
    kept.pop("NOTIFY_SOCKET", None)
    return kept | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
