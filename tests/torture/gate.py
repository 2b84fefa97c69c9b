"""A gate: many may work at the same time, until one needs to be alone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Whoever writes to the shop works inside `shared`; whoever takes the database away waits for `alone`.

    So the log stays exact: no act of the shop is cut off in a way that nobody could log.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._closed = False

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Go in, beside others."""
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody in, and wait until those inside have left."""
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            self._closed = True
            self._changed.wait_for(lambda: self._inside == 0)
        try:
            yield
        finally:
            with self._changed:
                self._closed = False
                self._changed.notify_all()
