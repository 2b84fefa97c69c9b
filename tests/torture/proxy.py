"""A TCP proxy in front of a unix socket or a port, that cuts connections at any byte when told to."""

import contextlib
import selectors
import socket
import threading
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

_PIECE = 16_384


class Proxy:
    """Passes bytes on; `cut_soon` ends every connection after a few more of them, at a place nobody chose."""

    def __init__(self, target: Path | tuple[str, int]) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._left: int | None = None
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self.cuts = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._listener.close()
        self._thread.join(5)

    def cut_soon(self, dice: Random) -> None:
        """Let a few more bytes through, then cut what carries them."""
        with self._lock:
            self._left = dice.choice([0, 1, 7, 100, 2_000, 30_000, 200_000])

    def _accept(self) -> None:
        self._listener.settimeout(0.2)
        while not self._stopped.is_set():
            with contextlib.suppress(TimeoutError, OSError):
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        selector = selectors.DefaultSelector()
        with contextlib.suppress(OSError), client, self._reach() as server, selector:
            selector.register(client, selectors.EVENT_READ, server)
            selector.register(server, selectors.EVENT_READ, client)
            while not self._stopped.is_set():
                for key, _ in selector.select(0.2):
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    piece = source.recv(_PIECE)
                    allowed = self._allowed(len(piece))
                    key.data.sendall(piece[:allowed])
                    if not piece or allowed < len(piece):
                        return

    def _reach(self) -> socket.socket:
        if isinstance(self._target, Path):
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._target))
            return server
        return socket.create_connection(self._target)

    def _allowed(self, size: int) -> int:
        with self._lock:
            if self._left is None:
                return size
            allowed = min(size, self._left)
            self._left -= allowed
            if allowed < size:
                self._left = None
                self.cuts += 1
            return allowed
