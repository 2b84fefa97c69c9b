"""How a process is asked to stop: once to finish what is in hand, twice to drop everything."""

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALLED = 128
AT_ONCE_SECONDS = 0.3
"""What comes so soon after the first is the same wish: `timeout` and terminals signal a process and its group."""


@contextmanager
def signals(stop: Callable[[int], None], *, renew: Callable[[], None] | None = None) -> Iterator[None]:
    """Call `stop` at the first SIGTERM or SIGINT, and exit the process at the next; call `renew` at each SIGHUP.

    A thread of its own reads the signals' numbers from a socket, so that nothing runs inside a signal handler (where a
    lock the main thread holds would be waited for in vain), and a main thread that is stuck cannot delay the exit.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)  # noqa: FBT003 - the socket's own signature
    inner = (signal.SIGTERM, signal.SIGINT, *((signal.SIGHUP,) if renew else ()))
    before = {number: signal.signal(number, _noted) for number in inner}
    wakeup = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    thread = threading.Thread(target=_listen, args=(reader, stop, renew), name="signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        writer.close()
        thread.join()
        reader.close()


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Take the place of the default action; the number has already gone to the socket."""


def _listen(reader: socket.socket, stop: Callable[[int], None], renew: Callable[[], None] | None) -> None:
    stopped_at: float | None = None
    while received := reader.recv(1):
        if received[0] == signal.SIGHUP and renew and stopped_at is None:
            renew()
        if received[0] not in {signal.SIGTERM, signal.SIGINT}:
            continue
        if stopped_at is None:
            stop(received[0])
            stopped_at = time.monotonic()
        elif time.monotonic() - stopped_at > AT_ONCE_SECONDS:
            os._exit(_SIGNALLED + received[0])
