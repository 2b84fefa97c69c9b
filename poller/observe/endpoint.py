"""The endpoint: /metrics and /healthz by HTTP, on loopback only."""

import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from poller.errors import ConfigurationError, PollerError


class Endpoint:
    """A small HTTP server in threads of its own; a context manager.

    `metrics` gives the text of a scrape, `complaint` what is wrong, "" if nothing. A poller that is not well answers
    503 on /healthz. Raises ConfigurationError if the address is taken.
    """

    def __init__(self, host: str, port: int, *, metrics: Callable[[], bytes], complaint: Callable[[], str]) -> None:
        answers = {"/metrics": _scrape(metrics), "/healthz": _health(complaint)}

        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                """Answer one of the two paths."""
                answer = answers.get(self.path.partition("?")[0])
                status, kind, body = answer() if answer else (HTTPStatus.NOT_FOUND, _TEXT, b"not here\n")
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the library's signature
                """Say nothing: a line for each scrape would drown what matters."""

        try:
            self._server = ThreadingHTTPServer((host, port), Handler)
        except OSError as error:
            raise ConfigurationError(
                f"monitoring.listen: cannot listen on {host}:{port}: {error.strerror}.", hint="Choose another port."
            ) from None
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="endpoint", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


_TEXT = "text/plain; charset=utf-8"
_Answer = tuple[HTTPStatus, str, bytes]


def _scrape(metrics: Callable[[], bytes]) -> Callable[[], _Answer]:
    def answer() -> _Answer:
        try:
            return HTTPStatus.OK, "text/plain; version=0.0.4; charset=utf-8", metrics()
        except PollerError as error:
            return HTTPStatus.SERVICE_UNAVAILABLE, _TEXT, f"{error}\n".encode()

    return answer


def _health(complaint: Callable[[], str]) -> Callable[[], _Answer]:
    def answer() -> _Answer:
        text = complaint()
        return (HTTPStatus.SERVICE_UNAVAILABLE if text else HTTPStatus.OK), _TEXT, f"{text or 'ok'}\n".encode()

    return answer
