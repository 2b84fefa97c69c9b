"""Whatever the order of steps: no message id is lost, doubled or revived, and fake and real agree."""

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from poller.ports import Commit, Pending, Suppressed
from poller.state.schema import ledger, outbox
from poller.state.store import StateStore, open_state
from tests.state.builders import AT, LARGE, id_of, memory, message
from tests.support.fake_state import FakeState

NUMBERS = range(25)
LANES = st.sampled_from(["live", "backfill-1", "backfill-2"])


def customer_of(number: int) -> int | None:
    return number % 5 or None


class Steps(RuleBasedStateMachine):
    """Every step is made in the real store and in the fake, which serves as the model."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.directory.name)}/state.db"
        self.real = open_state(self.url)
        self.model = FakeState()
        self.sent: list[Sequence[Pending]] = []
        self.taken: Sequence[Pending] = ()

    def teardown(self) -> None:
        self.real.close()
        self.directory.cleanup()

    @rule(lane=LANES, numbers=st.lists(st.sampled_from(NUMBERS), max_size=8), silence=st.integers(0, 30))
    def commit(self, lane: str, numbers: list[int], silence: int) -> None:
        gone = [Suppressed(customer_id=silence, reason="erased")] if 0 < silence < 5 else []
        page = Commit(
            lane=lane,
            at=AT,
            outgoing=[message(number, customer_id=customer_of(number)) for number in numbers],
            memories=[memory(number, body=f'"{lane}"') for number in numbers],
            marks={"orders": str(numbers)},
            suppressed=gone,
        )
        assert self.real.commit(page) == self.model.commit(page)

    @rule(limit=st.integers(1, 10), max_bytes=st.integers(1, 80))
    def take(self, limit: int, max_bytes: int) -> None:
        self.taken = self.real.pending(limit=limit, max_bytes=max_bytes)
        assert self.taken == self.model.pending(limit=limit, max_bytes=max_bytes)

    @precondition(lambda self: self.taken)
    @rule()
    def deliver(self) -> None:
        self.real.delivered(self.taken, AT)
        self.model.delivered(self.taken, AT)
        self.sent.append(self.taken)
        self.taken = ()

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        batch = data.draw(st.sampled_from(self.sent))
        self.real.delivered(batch, AT)
        self.model.delivered(batch, AT)

    @precondition(lambda self: self.taken)
    @rule()
    def bury_the_first(self) -> None:
        guilty, self.taken = self.taken[0], self.taken[1:]
        self.real.bury(guilty, reason="no", at=AT)
        self.model.bury(guilty, reason="no", at=AT)

    @rule(seqs=st.none() | st.lists(st.integers(1, 40), max_size=5))
    def replay(self, seqs: list[int] | None) -> None:
        assert self.real.replay(seqs) == self.model.replay(seqs)

    @rule(seqs=st.lists(st.integers(1, 40), max_size=5))
    def drop(self, seqs: list[int]) -> None:
        assert self.real.drop(seqs) == self.model.drop(seqs)

    @rule()
    def restart(self) -> None:
        self.real.close()
        self.real = open_state(self.url)
        self.taken = ()

    @invariant()
    def every_admitted_id_is_in_exactly_one_place(self) -> None:
        places = Counter(_ids(self.real))
        assert places == Counter([*self.model.outbox, *self.model.ledger])
        assert set(places.values()) <= {1}

    @invariant()
    def what_was_sent_stays_known(self) -> None:
        ids = [pending.message_id for batch in self.sent for pending in batch]
        assert self.real.known(ids) == set(ids)

    @invariant()
    def both_show_the_same(self) -> None:
        everything = [id_of(number) for number in NUMBERS]
        things = [("order", number) for number in NUMBERS]
        assert self.real.known(everything) == self.model.known(everything)
        assert self.real.pending(limit=LARGE, max_bytes=LARGE) == self.model.pending(limit=LARGE, max_bytes=LARGE)
        assert self.real.buried(LARGE) == self.model.buried(LARGE)
        assert self.real.outbox_size() == self.model.outbox_size()
        assert self.real.suppressed() == self.model.suppressed()
        assert self.real.recall(things) == self.model.recall(things)
        assert self.real.marks("live") == self.model.marks("live")


def _ids(store: StateStore) -> list[UUID]:
    with store._database.read() as connection:
        return [
            message_id for table in (outbox, ledger) for message_id in connection.scalars(select(table.c.message_id))
        ]


TestSteps = Steps.TestCase
TestSteps.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
