"""A receiver in Segment's place: speaks /v1/batch, enforces the documented limits, keeps what came, fails when told to.

What breaks a rule is answered 400 and kept in `violations`, so that a test can assert that there was none.
"""

import argparse
import json
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import FrameType, TracebackType
from typing import Any, Self

from rich.console import Console

from poller.demo.faults import Fault, NoSuccess, Redirect, ResetAfter, ResetBefore, Slow, Status, Truncated
from poller.demo.limits import parse, violations
from poller.demo.outlet import Outlet

__all__ = [
    "Arrival",
    "Fault",
    "NoSuccess",
    "Receiver",
    "Redirect",
    "ResetAfter",
    "ResetBefore",
    "Slow",
    "Status",
    "Truncated",
]


@dataclass(frozen=True, slots=True)
class Arrival:
    """An accepted message and when it came (aware UTC)."""

    message: dict[str, Any]
    at: datetime


class Receiver:
    """A real HTTP server on loopback; a context manager.

    `write_keys` are the keys it takes, none meaning any. `arrivals`, `violations` and `requests` (their number) may be
    read at any time.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, write_keys: Iterable[str] = ()) -> None:
        self.arrivals: list[Arrival] = []
        self.violations: list[str] = []
        self.requests = 0
        self._write_keys = frozenset(write_keys)
        self._script: deque[Fault] = deque()
        self._always: Fault | None = None
        self._changed = threading.Condition()
        self._outlet = Outlet((host, port), self)
        self.url = self._outlet.url

    def __enter__(self) -> Self:
        self._outlet.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._outlet.close()

    @property
    def accepted(self) -> list[dict[str, Any]]:
        """Every accepted message in order, repetitions included; `arrivals` has the times too."""
        with self._changed:
            return [arrival.message for arrival in self.arrivals]

    def distinct(self) -> dict[str, dict[str, Any]]:
        """Accepted messages by messageId, the first of each."""
        found: dict[str, dict[str, Any]] = {}
        for message in self.accepted:
            found.setdefault(message["messageId"], message)
        return found

    def conflicts(self) -> list[str]:
        """The messageIds that came with more than one body (`sentAt` apart)."""
        bodies: dict[str, set[str]] = {}
        for message in self.accepted:
            body = json.dumps({name: value for name, value in message.items() if name != "sentAt"}, sort_keys=True)
            bodies.setdefault(message["messageId"], set()).add(body)
        return [identity for identity, seen in bodies.items() if len(seen) > 1]

    def script(self, *faults: Fault) -> None:
        """Each fault is for one request, in order; after them all is well, or as `always` says."""
        with self._changed:
            self._script.extend(faults)

    def always(self, fault: Fault | None) -> None:
        """A fault for every request that the script leaves; None ends it."""
        with self._changed:
            self._always = fault

    def wait_for(self, predicate: Callable[["Receiver"], bool], timeout: float) -> bool:
        """Wait until it holds of this receiver, looking whenever a request came; False if it never did."""
        until = time.monotonic() + timeout
        with self._changed:
            while not predicate(self):
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def next_fault(self) -> Fault | None:
        """The fault for the request at hand."""
        with self._changed:
            self.requests += 1
            return self._script.popleft() if self._script else self._always

    def judge(self, text: str, key: str) -> tuple[int, Sequence[dict[str, Any]]]:
        """The status a body deserves, and its messages. `key` is that of the header, if there was one."""
        try:
            body = parse(text)
        except ValueError as error:
            return self.refuse(f"no JSON: {error}"), ()
        named = body.fields.get("writeKey") or key
        if not named or (self._write_keys and named not in self._write_keys):
            return 401, ()
        broken = violations(body)
        return (self.refuse(*broken), ()) if broken else (200, body.messages)

    def refuse(self, *broken: str) -> int:
        """Note which rules a request breaks; the status it gets."""
        with self._changed:
            self.violations.extend(broken)
        return 400

    def store(self, batch: Iterable[dict[str, Any]]) -> None:
        """Accept messages."""
        with self._changed:
            now = datetime.now(UTC)
            self.arrivals.extend(Arrival(message, now) for message in batch)

    def tell(self) -> None:
        """Wake those who wait: a request has been dealt with."""
        with self._changed:
            self._changed.notify_all()


def _main() -> None:
    parser = argparse.ArgumentParser(prog="python -m poller.demo.receiver", description="Print what Segment would get.")
    parser.add_argument("--port", type=int, default=8081, help="where to listen on 127.0.0.1 (default: 8081)")
    console = Console()
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    try:
        opened = Receiver(port=parser.parse_args().port)
    except OSError as error:
        parser.error(f"cannot listen there: {error}")
    with opened as receiver:
        console.print(f"Listening: set segment.host to {receiver.url}")
        seen = refused = 0
        while not stop.wait(0.1):
            for arrival in receiver.arrivals[seen:]:
                console.print_json(data=arrival.message)
                seen += 1
            for broken in receiver.violations[refused:]:
                console.print("refused:", broken, style="red", markup=False)
                refused += 1


if __name__ == "__main__":
    _main()
