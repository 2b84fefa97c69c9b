"""How a process is asked to stop: once to finish what is in hand, twice to drop everything."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALLED = 128


@contextmanager
def signals(stop: Callable[[int], None], *, renew: Callable[[], None] | None = None) -> Iterator[None]:
    """Call `stop` at the first SIGTERM or SIGINT, and exit the process at the second; call `renew` at each SIGHUP.

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
    has_stopped = False
    while received := reader.recv(1):
        if received[0] == signal.SIGHUP and renew and not has_stopped:
            renew()
        if received[0] not in {signal.SIGTERM, signal.SIGINT}:
            continue
        if has_stopped:
            os._exit(_SIGNALLED + received[0])
        has_stopped = True
        stop(received[0])
