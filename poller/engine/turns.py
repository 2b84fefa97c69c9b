"""Turns: poll and sweep share the shop, and the poll goes first."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock that whoever works off silent changes leaves to live traffic, page by page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nobody_waits = threading.Event()
        self._nobody_waits.set()

    @contextmanager
    def first(self) -> Iterator[None]:
        """For the poll: it has the next turn. Not for two threads at a time."""
        self._nobody_waits.clear()
        try:
            with self._lock:
                self._nobody_waits.set()
                yield
        finally:
            self._nobody_waits.set()

    @contextmanager
    def after_others(self) -> Iterator[None]:
        """For the sweep: it lets the poll pass that waits already."""
        self._nobody_waits.wait()
        with self._lock:
            yield
