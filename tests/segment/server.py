"""A small HTTP server that answers by a script, and breaks connections when told to."""

import gzip
import json
import os
import socket
import ssl
import struct
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Literal, Self

SUCCESS = b'{"success": true}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server does with one request; `unread` breaks off before the body is read, `read` after it.

    `stall` never answers, `cut` announces more bytes than it sends, `chunk` breaks off inside a chunked body.
    """

    status: int = 200
    body: bytes = SUCCESS
    headers: Mapping[str, str] = field(default_factory=dict)
    breaks: Literal["", "unread", "read", "stall", "cut", "chunk"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request whose body arrived, unpacked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.document["batch"]
        return found


class ScriptedServer:
    """Answers with `script` in order, then with success; keeps what it `received`."""

    def __init__(self, *script: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.script = deque(script)
        self.received: list[Received] = []
        self.released = Event()
        self._server = _Http(self)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: ScriptedServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        """Keep the test's output clean."""

    def do_POST(self) -> None:
        owner = self.server.owner
        answer = owner.script.popleft() if owner.script else Answer()
        if answer.breaks == "unread":
            return self._reset()
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = gzip.decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw
        owner.received.append(Received(method=self.command, path=self.path, headers=dict(self.headers), body=body))
        if answer.breaks == "read":
            return self._reset()
        if answer.breaks == "stall":
            owner.released.wait(30)
            return self._reset()
        return self._answer(answer)

    do_GET = do_POST  # noqa: N815 - the name http.server asks for

    def _answer(self, answer: Answer) -> None:
        # http.server would add the time of its own clock.
        begin = self.send_response_only if "Date" in answer.headers else self.send_response
        begin(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.breaks == "chunk":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"ff\r\n" + answer.body)
            return self._reset()
        more = 100 if answer.breaks == "cut" else 0
        self.send_header("Content-Length", str(len(answer.body) + more))
        self.end_headers()
        self.wfile.write(answer.body)
        if answer.breaks == "cut":
            self.close_connection = True
        return None

    def _reset(self) -> None:
        """Close so that the other side sees a reset, not an orderly end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
