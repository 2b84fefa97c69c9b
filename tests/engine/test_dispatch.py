"""Dispatch: several sources beside one another, none of which holds up the others."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from poller.core.shops import DEFAULT, ShopSet, Source
from poller.engine.allowance import Allowance
from poller.engine.clock import SystemClock
from poller.engine.deliver import Deliver
from poller.engine.deliveries import DeliverReport
from poller.engine.dispatch import Dispatch
from poller.ports import Accepted, Commit, Deferred, Delivery, Sender, Verdict
from tests.engine.outlet import BUSY, NOON, WRONG_KEY, FakeSender, in_ledger, message, waiting
from tests.support.fake_state import FakeState

USUAL = Source(DEFAULT, ShopSet(but=frozenset({2})))
SECOND = Source("shop 2", ShopSet(only=frozenset({2})))


def holding(**shops: int) -> FakeState:
    """Messages by number, each of the shop that is named: m1=1, m2=2."""
    state = FakeState()
    outgoing = [replace(message(int(name[1:])), shop_id=shop) for name, shop in shops.items()]
    state.commit(Commit(lane="live", at=NOON - timedelta(seconds=3), outgoing=outgoing))
    return state


@contextmanager
def dispatching(state: FakeState, senders: dict[Source, Sender]) -> Iterator[Dispatch]:
    clock = SystemClock()
    allowance = Allowance(10_000, clock)
    with closing(
        Dispatch(
            [
                Deliver(state, sender, clock, rate_limit=2, dice=lambda: 0.5, source=source, allowance=allowance)
                for source, sender in senders.items()
            ]
        )
    ) as dispatch:
        yield dispatch


def until_empty(dispatch: Dispatch) -> list[DeliverReport]:
    reports = []
    while not (report := dispatch.once()).is_empty:
        reports.append(report)
    return reports


@dataclass(slots=True)
class StuckSender:
    """Keeps the batch until it is let go."""

    let_go: threading.Event = field(default_factory=threading.Event)
    has_begun: threading.Event = field(default_factory=threading.Event)

    def post(self, texts: Sequence[str], *, attempt: int) -> Verdict:
        del texts, attempt
        self.has_begun.set()
        assert self.let_go.wait(60)
        return Accepted()


def test_each_message_goes_to_the_source_of_its_shop_in_order() -> None:
    state = holding(m1=1, m2=2, m3=1, m4=2, m5=7, m6=2)
    usual, second = FakeSender(), FakeSender()
    with dispatching(state, {USUAL: usual, SECOND: second}) as dispatch:
        reports = until_empty(dispatch)
    assert usual.posts == [((1, 3), 0), ((5,), 0)]
    assert second.posts == [((2, 4), 0), ((6,), 0)]
    assert sorted((report.source, report.delivered) for report in reports if report.attempts) == [
        ("default", 1),
        ("default", 2),
        ("shop 2", 1),
        ("shop 2", 2),
    ]
    assert waiting(state) == []


def test_a_key_that_does_not_hold_stops_its_own_source_alone() -> None:
    state = holding(m1=1, m2=2, m3=1)
    usual, second = FakeSender(), FakeSender([WRONG_KEY])
    with dispatching(state, {USUAL: usual, SECOND: second}) as dispatch:
        report = dispatch.drain()
    assert (report.delivered, report.stopped, report.source) == (2, WRONG_KEY.reason, "shop 2")
    assert in_ledger(state) == [1, 3]
    assert waiting(state) == [2]
    assert state.delivery() == Delivery()
    assert state.delivery("shop 2").stopped


def test_a_source_that_is_put_off_waits_by_itself_and_its_backoff_survives() -> None:
    state = holding(m1=1, m2=2)
    asked = Deferred("Segment answered 429.", timedelta(hours=1))
    with dispatching(state, {USUAL: FakeSender([asked]), SECOND: FakeSender()}) as dispatch:
        report = dispatch.drain()
    assert report.waiting == 3600
    assert in_ledger(state) == [2]
    again, second = FakeSender(), FakeSender()
    state.commit(Commit(lane="live", at=NOON, outgoing=[replace(message(4), shop_id=2)]))
    with dispatching(state, {USUAL: again, SECOND: second}) as dispatch:
        dispatch.drain()
    assert (again.posts, second.posts) == ([], [((4,), 0)])
    assert waiting(state) == [1]


def test_a_source_that_does_not_answer_holds_up_nobody() -> None:
    state = holding(m1=1, m2=2)
    stuck, second = StuckSender(), FakeSender()
    with dispatching(state, {USUAL: stuck, SECOND: second}) as dispatch:
        try:
            while not second.accepted:
                dispatch.once()
            assert stuck.has_begun.wait(60)
            state.commit(Commit(lane="live", at=NOON, outgoing=[replace(message(3), shop_id=2)]))
            while second.accepted != [2, 3]:
                assert not dispatch.once().is_empty
            assert in_ledger(state) == [2, 3]
        finally:
            stuck.let_go.set()
        while waiting(state):
            dispatch.once()


def test_one_source_is_delivered_without_a_thread() -> None:
    state = holding(m1=1, m2=2)
    sender = FakeSender([BUSY])
    with dispatching(state, {Source(): sender}) as dispatch:
        threads = threading.active_count()
        report = dispatch.once()
        assert (report.deferred, report.reason, threading.active_count()) == (2, BUSY.reason, threads)
