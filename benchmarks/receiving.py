"""The receiver in Segment's place, in a process of its own: what it costs is not the poller's."""

import multiprocessing
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from poller.demo.receiver import Arrival, Receiver

_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What came: messages, different ones by name, and rules broken."""

    accepted: int
    distinct: Mapping[str, int]
    violations: Sequence[str]

    @property
    def events(self) -> int:
        """Different messages."""
        return sum(self.distinct.values())


class ReceiverProcess:
    """poller.demo.receiver.Receiver elsewhere; a context manager. It ends when this process does, however it ends."""

    def __init__(self) -> None:
        spawning = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawning.Pipe()
        self._process = spawning.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.url: str = self._received()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.close()
        self._process.join()

    def wait_for(self, messages: int, timeout: float) -> int:
        """Wait until so many messages came, or time is up; how many came."""
        self._pipe.send(("wait", messages, timeout))
        came: int = self._received(timeout)
        return came

    def arrivals(self) -> Sequence[Arrival]:
        """Every accepted message with its time."""
        self._pipe.send(("arrivals",))
        found: Sequence[Arrival] = self._received()
        return found

    def tally(self) -> Tally:
        """What came so far."""
        self._pipe.send(("tally",))
        found: Tally = self._received()
        return found

    def _received(self, patience: float = 0.0) -> Any:
        if not self._pipe.poll(patience + _PATIENCE_SECONDS):
            raise TimeoutError("the receiver does not answer")
        return self._pipe.recv()


def _serve(pipe: Connection) -> None:
    """Answer the parent's questions until it closes its end, or is gone."""
    with Receiver() as receiver, pipe:
        pipe.send(receiver.url)
        while True:
            try:
                question = pipe.recv()
            except EOFError:
                return
            match question:
                case ("wait", int(messages), float(timeout)):
                    pipe.send(_wait(receiver, messages, timeout))
                case ("arrivals",):
                    pipe.send(list(receiver.arrivals))
                case _:
                    pipe.send(_tally(receiver))


def _wait(receiver: Receiver, messages: int, timeout: float) -> int:
    receiver.wait_for(lambda r: len(r.arrivals) >= messages, timeout)
    return len(receiver.arrivals)


def _tally(receiver: Receiver) -> Tally:
    names = Counter(str(message.get("event", message["type"])) for message in receiver.distinct().values())
    return Tally(len(receiver.accepted), dict(names), tuple(receiver.violations))
