"""A receiver that speaks Segment's /v1/batch, enforces its documented limits, and fails when told to.

Limits are those of the HTTP API's documentation; Segment itself answers 200 to much that it later drops, so this one is
stricter: what breaks a rule is refused with 400 and kept in `violations`.
"""

import base64
import gzip
import json
import os
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, TypeAlias

MESSAGE_BYTES = 32 * 1024
BATCH_BYTES = 500_000
BATCH_MESSAGES = 2_500
ID_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with a status, storing nothing."""

    code: int
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class ResetBefore:
    """Cut the connection before anything is stored."""


@dataclass(frozen=True, slots=True)
class ResetAfter:
    """Store the batch, then cut the connection."""


@dataclass(frozen=True, slots=True)
class Slow:
    """Store the batch, and answer so many seconds later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the client elsewhere (here, by GET)."""


@dataclass(frozen=True, slots=True)
class NoSuccess:
    """Answer 200 with a body that is no success."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """Store the batch, and announce more of an answer than is sent."""


Fault: TypeAlias = Status | ResetBefore | ResetAfter | Slow | Redirect | NoSuccess | Truncated


@dataclass(frozen=True, slots=True)
class Arrival:
    """An accepted message and when it came (aware UTC)."""

    message: dict[str, Any]
    at: datetime


class Receiver:
    """A real HTTP server on loopback; a context manager. `write_keys` are those it takes, none meaning any."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, write_keys: Iterable[str] = ()) -> None:
        self.arrivals: list[Arrival] = []
        self.violations: list[str] = []
        self.requests = 0
        self._write_keys = frozenset(write_keys)
        self._script: deque[Fault] = deque()
        self._always: Fault | None = None
        self._changed = threading.Condition()
        self._server = _Server((host, port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.url = f"http://{host}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def accepted(self) -> list[dict[str, Any]]:
        """Every accepted message in order, repetitions included."""
        with self._changed:
            return [arrival.message for arrival in self.arrivals]

    def distinct(self) -> dict[str, dict[str, Any]]:
        """Accepted messages by messageId, the first of each."""
        found: dict[str, dict[str, Any]] = {}
        for message in self.accepted:
            found.setdefault(message["messageId"], message)
        return found

    def conflicts(self) -> list[str]:
        """Ids that came with more than one body."""
        bodies: dict[str, set[str]] = {}
        for message in self.accepted:
            body = json.dumps({name: value for name, value in message.items() if name != "sentAt"}, sort_keys=True)
            bodies.setdefault(message["messageId"], set()).add(body)
        return [identity for identity, seen in bodies.items() if len(seen) > 1]

    def script(self, *faults: Fault) -> None:
        """Each fault is for one request, in order; after them all is well."""
        with self._changed:
            self._script.extend(faults)

    def always(self, fault: Fault | None) -> None:
        """A fault for every request to come; None ends it."""
        with self._changed:
            self._always = fault

    def wait_for(self, predicate: Callable[["Receiver"], bool], *, timeout: float) -> bool:
        """Wait until it holds, looking whenever something came; False if it never did."""
        until = time.monotonic() + timeout
        with self._changed:
            while not predicate(self):
                left = until - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return predicate(self)
        return True

    def next_fault(self) -> Fault | None:
        """The fault for the request at hand."""
        with self._changed:
            self.requests += 1
            self._changed.notify_all()
            return self._script.popleft() if self._script else self._always

    def judge(self, raw: bytes, authorization: str) -> tuple[int, list[dict[str, Any]]]:
        """The status a body deserves, and its messages."""
        try:
            body = json.loads(raw, parse_constant=_no_constant)
        except ValueError as error:
            return self._refuse(f"not JSON: {error}")
        key = str(body.get("writeKey", "")) or _basic(authorization)
        if not key or (self._write_keys and key not in self._write_keys):
            return 401, []
        batch = body.get("batch")
        faults = _batch_faults(raw, batch)
        if faults:
            return self._refuse(*faults)
        return 200, batch

    def store(self, batch: Iterable[dict[str, Any]]) -> None:
        """Accept messages."""
        now = datetime.now(UTC)
        with self._changed:
            self.arrivals.extend(Arrival(message, now) for message in batch)
            self._changed.notify_all()

    def _refuse(self, *faults: str) -> tuple[int, list[dict[str, Any]]]:
        with self._changed:
            self.violations.extend(faults)
            self._changed.notify_all()
        return 400, []


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _basic(authorization: str) -> str:
    scheme, _, rest = authorization.partition(" ")
    return base64.b64decode(rest).decode().partition(":")[0] if scheme == "Basic" else ""


def _batch_faults(raw: bytes, batch: Any) -> list[str]:
    if not isinstance(batch, list):
        return ["no batch"]
    if len(raw) > BATCH_BYTES:
        return [f"batch of {len(raw)} bytes"]
    if len(batch) > BATCH_MESSAGES:
        return [f"batch of {len(batch)} messages"]
    return [fault for message in batch for fault in _faults(message)]


def _faults(message: dict[str, Any]) -> list[str]:
    """What is wrong with a message, by the documented rules."""
    identity = str(message.get("messageId", ""))
    rules = {
        "larger than 32 KB": len(json.dumps(message)) < MESSAGE_BYTES,
        "no messageId, or a long one": 0 < len(identity) <= ID_CHARACTERS,
        "neither userId nor anonymousId": bool(message.get("userId") or message.get("anonymousId")),
        "ids that are no text": all(isinstance(message.get(name), str | None) for name in ("userId", "anonymousId")),
        "unknown type": message.get("type") in ("track", "identify", "page", "screen", "group", "alias"),
        "no event name": message.get("type") != "track" or bool(message.get("event")),
        "timestamp without a zone": _has_zone(message.get("timestamp")),
    }
    return [f"{identity}: {rule}" for rule, holds in rules.items() if not holds]


def _has_zone(text: Any) -> bool:
    try:
        return datetime.fromisoformat(str(text)).tzinfo is not None
    except ValueError:
        return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], owner: Receiver) -> None:
        super().__init__(address, _Handler)
        self.owner = owner

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server names it so
        """Say nothing: the demo's terminal is for events."""

    def do_GET(self) -> None:
        """Where a redirected POST ends up: a page like any other."""
        self._answer(200, {"success": True})

    def do_POST(self) -> None:
        """Judge a batch, store it, answer; or fail as the script wants."""
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.headers.get("Content-Encoding") == "gzip":
            raw = gzip.decompress(raw)
        fault = self.server.owner.next_fault()
        if not self._failed_before(fault):
            self._take(raw, fault)

    def _failed_before(self, fault: Fault | None) -> bool:
        """Whether the fault ends the request before anything is stored."""
        match fault:
            case ResetBefore():
                self._reset()
            case Status(code, retry_after):
                headers = {"Retry-After": retry_after} if retry_after else {}
                self._answer(code, {"success": False}, **headers)
            case Redirect():
                self._answer(302, {}, Location=f"{self.server.owner.url}/elsewhere")
            case NoSuccess():
                self._answer(200, {"success": False})
            case _:
                return False
        return True

    def _take(self, raw: bytes, fault: Fault | None) -> None:
        owner = self.server.owner
        judged = owner.judge(raw, self.headers.get("Authorization", ""))
        status, batch = judged if self.path == "/v1/batch" else (404, [])
        if status == 200:
            owner.store(batch)
        if isinstance(fault, Slow):
            time.sleep(fault.seconds)
        if isinstance(fault, Truncated):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"succ')
        if isinstance(fault, ResetAfter | Truncated):
            self._reset()
        else:
            self._answer(status, {"success": status == 200})

    def _answer(self, status: int, body: dict[str, object], **headers: str) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
