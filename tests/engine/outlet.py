"""An outbox to deliver from, a Segment to deliver to, and a clock that moves only when someone waits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from poller.core.packing import BATCH_BYTES
from poller.engine.deliver import Deliver
from poller.ports import Accepted, Commit, Deferred, Misconfigured, Outgoing, Refused, Verdict
from tests.support.fake_state import FakeState

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WRONG_KEY = Misconfigured("Segment answered 401.", "Set segment.write_key.")
BUSY = Deferred("Segment answered 503.")
BAD = Refused("Segment answered 400.")


@dataclass(slots=True)
class FakeClock:
    """Time that passes only while someone waits; `stop_in` waits from now a stop is asked for."""

    at: datetime = NOON
    seconds: float = 0.0
    stop_in: int | None = None

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> bool:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds
        if self.stop_in is not None:
            self.stop_in -= 1
        return self.stop_in is not None and self.stop_in < 0


@dataclass(slots=True)
class FakeSender:
    """Answers by `judge`, or else by the script, or else accepts; keeps what was posted."""

    script: list[Verdict] = field(default_factory=list)
    judge: Callable[[Sequence[str]], Verdict | None] = lambda _: None
    posts: list[tuple[tuple[int, ...], int]] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    refused_alone: set[int] = field(default_factory=set)

    def post(self, texts: Sequence[str], *, attempt: int) -> Verdict:
        numbers = tuple(int(text) for text in texts)
        self.posts.append((numbers, attempt))
        verdict = self.judge(texts) or (self.script.pop(0) if self.script else Accepted())
        if isinstance(verdict, Accepted):
            self.accepted.extend(numbers)
        if isinstance(verdict, Refused) and len(numbers) == 1:
            self.refused_alone.update(numbers)
        return verdict


def poison(*bad: int) -> Callable[[Sequence[str]], Verdict]:
    return lambda texts: BAD if {int(text) for text in texts} & set(bad) else Accepted()


def message(number: int, *, customer_id: int | None = None) -> Outgoing:
    return Outgoing(
        message_id=UUID(int=number),
        name="Order Completed",
        thing="order",
        key=number,
        customer_id=customer_id,
        occurred_at=NOON,
        text=str(number),
    )


def holding(count: int) -> FakeState:
    state = FakeState()
    outgoing = [message(number) for number in range(1, count + 1)]
    state.commit(Commit(lane="live", at=NOON - timedelta(seconds=3), outgoing=outgoing))
    return state


def deliverer(state: FakeState, sender: FakeSender, clock: FakeClock, *, rate_limit: int = 10_000) -> Deliver:
    return Deliver(state, sender, clock, rate_limit=rate_limit, dice=lambda: 0.5)


def in_ledger(state: FakeState) -> list[int]:
    return [pending.key for pending in state.ledger.values()]


def waiting(state: FakeState) -> list[int]:
    return [pending.key for pending in state.pending(limit=10_000, max_bytes=BATCH_BYTES)]


def buried(state: FakeState) -> dict[int, str]:
    return {letter.key: letter.reason for letter in state.buried(10_000)}
