"""The receiver's HTTP side: reads requests, asks a judge what they deserve, answers, and fails on demand."""

import base64
import binascii
import json
import socket
import struct
import threading
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from poller.demo.faults import Fault, NoSuccess, Redirect, ResetAfter, ResetBefore, Slow, Status, Truncated
from poller.demo.limits import BATCH_BYTES

PATH = "/v1/batch"
_GZIP = 16 + zlib.MAX_WBITS


class Judge(Protocol):
    """What decides about a request."""

    def next_fault(self) -> Fault | None:
        """The fault for the request at hand."""

    def judge(self, text: str, key: str) -> tuple[int, Sequence[dict[str, Any]]]:
        """The status a body deserves, and its messages."""

    def refuse(self, *broken: str) -> int:
        """Note what a request breaks; the status it gets."""

    def store(self, batch: Iterable[dict[str, Any]]) -> None:
        """Accept messages."""

    def tell(self) -> None:
        """A request has been dealt with."""


class Outlet(ThreadingHTTPServer):
    """The listening socket and a thread for each connection; closing it cuts them all."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], judge: Judge) -> None:
        super().__init__(address, _Handler)
        self.judge = judge
        self.url = f"http://{address[0]}:{self.server_address[1]}"
        self.is_closing = threading.Event()
        self._connections: set[Any] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def open(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def close(self) -> None:
        """Stop serving, and cut every connection that is still open."""
        self.is_closing.set()
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        for connection in self._connections.copy():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Note the connection, and give it its thread."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no news here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Answers leave in one packet and at once: with a kept-alive connection the kernel would else hold them for 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Outlet

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server names it so
        """Say nothing: the demo's terminal is for events."""

    def do_GET(self) -> None:
        """Where a redirected POST ends up: a page like any other."""
        self._answer(200, {"success": True})

    def do_POST(self) -> None:
        """Judge a batch, store it, answer; or fail as the script wants."""
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        fault = self.server.judge.next_fault()
        if not self._has_failed(fault):
            self._take(raw, fault)
        self.server.judge.tell()

    def _has_failed(self, fault: Fault | None) -> bool:
        """Whether the fault ended the request before anything was stored."""
        match fault:
            case ResetBefore():
                self._reset()
            case Status(code, retry_after):
                self._answer(code, {"success": False}, headers={"Retry-After": retry_after} if retry_after else {})
            case Redirect():
                self._answer(302, {}, headers={"Location": f"{self.server.url}/elsewhere"})
            case NoSuccess():
                self._answer(200, {"success": False})
            case _:
                return False
        return True

    def _take(self, raw: bytes, fault: Fault | None) -> None:
        judge = self.server.judge
        status, batch = self._judged(raw)
        if status == 200:
            judge.store(batch)
            judge.tell()
        match fault:
            case ResetAfter():
                self._reset()
            case Truncated():
                self._answer(status, {"success": True}, announced=1000)
                self.close_connection = True
            case Slow(seconds) if self.server.is_closing.wait(seconds):
                self.close_connection = True
            case _:
                self._answer(status, {"success": status == 200})

    def _judged(self, raw: bytes) -> tuple[int, Sequence[dict[str, Any]]]:
        judge = self.server.judge
        if self.path != PATH:
            return 404, ()
        try:
            text = _unpacked(raw, self.headers.get("Content-Encoding", "identity")).decode()
            key = _basic(self.headers.get("Authorization", ""))
        except (ValueError, zlib.error) as error:
            return judge.refuse(f"unreadable: {error}"), ()
        if len(text.encode()) > BATCH_BYTES:
            return judge.refuse(f"a batch of more than {BATCH_BYTES} bytes"), ()
        return judge.judge(text, key)

    def _answer(
        self,
        status: int,
        body: dict[str, object],
        *,
        headers: dict[str, str] | None = None,
        announced: int | None = None,
    ) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(announced or len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _reset(self) -> None:
        """Close so that the client gets a reset, not an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _unpacked(raw: bytes, encoding: str) -> bytes:
    """The body, gzip undone; no more of it than one byte over the limit."""
    if encoding == "identity":
        return raw
    if encoding != "gzip":
        raise ValueError(f"encoding {encoding}")
    return zlib.decompressobj(_GZIP).decompress(raw, BATCH_BYTES + 1)


def _basic(authorization: str) -> str:
    scheme, _, rest = authorization.partition(" ")
    if scheme != "Basic":
        return ""
    try:
        return base64.b64decode(rest, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("an Authorization header that is not base64") from error
