"""The demo's running lines: each event once, as it arrives, with the time since the shop committed what it tells."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console

from poller.demo.beside import BESIDE
from poller.demo.book import Deed
from poller.demo.poller_process import PollerProcess
from poller.demo.receiver import Arrival, Receiver
from poller.demo.reckoning import Fact, fact_of, owed

NAMES = {
    "completed": "Order Completed",
    "cancelled": "Order Cancelled",
    "refunded": "Order Refunded",
    "identify": "identify",
    **{name: name for name in BESIDE},
}
_STYLES = {"completed": "green", "cancelled": "yellow", "refunded": "magenta", "identify": "dim"}
_BESIDE_STYLE = "cyan"
_UNEXPLAINED = timedelta(seconds=2)


class Ticker:
    """Prints what arrives at the receiver, and what the poller complains of."""

    def __init__(self, console: Console, receiver: Receiver, process: PollerProcess) -> None:
        self.receiver = receiver
        self._console = console
        self._process = process
        self._read = 0
        self._waiting: list[tuple[Fact, Arrival]] = []
        self._printed: set[str] = set()
        self._times: Counter[Fact] = Counter()
        self._completed: set[str] = set()

    def is_told(self, order_id: int) -> bool:
        """Whether the order's completion has arrived."""
        return f"order {order_id}" in self._completed

    def show(self, deeds: Sequence[Deed], *, is_last: bool = False) -> None:
        """Print what came since the last look; waits a moment for it unless it is the last.

        An event the shop has not logged yet waits for its deed a little: the poller may be quicker than the log.
        """
        if not is_last:
            self.receiver.wait_for(lambda r: len(r.arrivals) > self._read, 0.2)
        new = self.receiver.arrivals[self._read :]
        self._read += len(new)
        facts = [(fact_of(arrival.message), arrival) for arrival in new]
        looked_at = [*self._waiting, *((fact, arrival) for fact, arrival in facts if fact is not None)]
        due, now = owed(deeds), datetime.now(UTC)
        self._waiting = []
        for fact, arrival in looked_at:
            if fact.kind == "completed":
                self._completed.add(fact.key)
            if fact in due or is_last or now - arrival.at > _UNEXPLAINED:
                self._print(fact, arrival, due.get(fact, ()))
            else:
                self._waiting.append((fact, arrival))
        for line in self._process.troubles():
            self._console.print("poller:", line, style="red", markup=False)

    def _print(self, fact: Fact, arrival: Arrival, deeds: Sequence[Deed]) -> None:
        """One line, unless it was printed: of a customer each state is told once, though many events bring it along."""
        message_id = arrival.message["messageId"]
        is_repeated = message_id in self._printed
        if is_repeated or (fact.kind == "identify" and (self._times[fact] or not deeds)):
            return
        self._printed.add(message_id)
        delay = in_seconds(arrival.at - deeds[min(self._times[fact], len(deeds) - 1)].at) if deeds else ""
        self._times[fact] += 1
        traits = arrival.message["context"].get("traits", {})
        who = f"{traits.get('firstName', '')} {traits.get('lastName', '')}"
        amount = "" if fact.kind == "identify" else fact.detail
        when = f"{arrival.at.astimezone():%H:%M:%S}"
        self._console.print(
            f"{when} {NAMES[fact.kind]:<15} {fact.key:<12} {amount:>11} {who:<17} {delay:>7}",
            style=_STYLES.get(fact.kind, _BESIDE_STYLE),
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def in_seconds(delay: timedelta) -> str:
    """As people read it."""
    return f"{delay.total_seconds():.2f} s"
