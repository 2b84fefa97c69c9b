"""The rehearsal posts as delivery does, and a busy shop is left alone."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from poller.core.packing import BATCH_BYTES
from poller.core.shops import EVERY_SHOP
from poller.engine.courtesy import Courtesy, Pressure
from poller.engine.deliver import Deliver
from poller.engine.rehearsal import Rehearsal
from poller.ports import Accepted, Commit, Outgoing, Suppressed, Verdict
from tests.engine.outlet import NOON, FakeClock
from tests.support.fake_state import FakeState


def sized(number: int, size: int) -> Outgoing:
    text = f'{{"userId": "{number % 5}", "x": "'
    return Outgoing(
        message_id=UUID(int=number),
        name="identify" if number % 2 else "Order Completed",
        thing="order",
        key=number,
        customer_id=number % 5,
        occurred_at=NOON,
        text=text + "x" * (size - len(text) - 2) + '"}',
    )


class Taking:
    """Takes everything, and counts the posts."""

    posts = 0

    def post(self, texts: Sequence[str], *, attempt: int) -> Verdict:
        assert texts
        assert attempt == 0
        self.posts += 1
        return Accepted()


@given(st.lists(st.lists(st.integers(40, 200_000), max_size=12), max_size=5), st.integers(1, 8))
def test_it_counts_the_posts_that_delivery_makes(pages: list[list[int]], rows: int) -> None:
    state, sender, clock = FakeState(), Taking(), FakeClock()
    deliver = Deliver(state, sender, clock, rate_limit=rows, dice=lambda: 0.5)
    rehearsal = Rehearsal(FakeState(), zone=UTC, sources=[EVERY_SHOP], batch_rows=rows)
    number = 0
    for sizes in pages:
        outgoing = []
        for size in sizes:
            number += 1
            outgoing.append(sized(number, size))
        commit = Commit(lane="backfill", at=NOON, outgoing=outgoing)
        assert rehearsal.commit(commit) == state.commit(commit)
        deliver.drain()
    assert rehearsal.count().requests == sender.posts
    assert rehearsal.count().messages == number
    assert rehearsal.count().users == min(number, 5)


def test_it_counts_a_message_once_and_none_of_whom_nothing_is_sent() -> None:
    before = FakeState()
    told, silenced = [sized(1, 100)], [Suppressed(customer_id=4, reason="x")]
    before.commit(Commit(lane="live", at=NOON, outgoing=told, suppressed=silenced))
    rehearsal = Rehearsal(before, zone=UTC, sources=[EVERY_SHOP], batch_rows=500)
    page = [sized(number, 100) for number in range(2, 12)]
    ids = [message.message_id for message in page]
    assert rehearsal.known([UUID(int=1), *ids]) == {UUID(int=1)}
    commit = Commit(lane="backfill", at=NOON, outgoing=page, suppressed=[Suppressed(customer_id=3, reason="erased")])
    assert rehearsal.commit(commit) == 6
    assert rehearsal.suppressed() == {3: "erased", 4: "x"}
    assert rehearsal.commit(commit) == 0
    assert rehearsal.count().messages == 6
    assert set(before.outbox) == {UUID(int=1)}, "nothing is written"
    assert BATCH_BYTES > rehearsal.count().bytes == 600


# ------------------------------------------------------------ courtesy


def test_it_waits_for_a_busy_shop_or_a_late_replica_and_looks_once_a_second() -> None:
    clock = FakeClock()
    script = [Pressure(5), Pressure(6), Pressure(2, timedelta(seconds=61)), Pressure(2, timedelta(seconds=60))]
    looks: list[Pressure] = []

    def ask() -> Pressure:
        looks.append(script[len(looks)])
        return looks[-1]

    courtesy = Courtesy(ask, clock, most_threads=5, most_lag=timedelta(minutes=1))
    assert courtesy.reason() == ""
    clock.wait(0.5)
    assert courtesy.reason() == ""
    assert len(looks) == 1
    clock.wait(0.5)
    assert courtesy.reason() == "the shop's database is busy: 6 statements run (backfill.most_threads)"
    clock.wait(1)
    assert courtesy.reason() == "the replica is 61 s behind (backfill.most_lag)"
    clock.wait(1)
    assert courtesy.reason() == ""
