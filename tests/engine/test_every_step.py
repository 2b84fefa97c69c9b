"""The engine killed at every single step, one after the other: at rest nothing is missing, doubled, or sent again."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from poller.core.policy import Policy
from poller.engine.deliver import Deliver
from poller.engine.pages import Pages
from poller.engine.poll import Poll, PollSettings
from poller.engine.sweep import Sweep
from tests.engine.office import Office, load_customer, load_order
from tests.engine.test_poll_machine import NAMESPACE, SETTLE, STREAMS, Inbox, KilledError, PlainComposer
from tests.streams.builders import CANCELED
from tests.support.fake_shop import FakeClock, FakeShop
from tests.support.fake_state import FakeState

MOST_STEPS = 1_000


class World:
    """One shop, one poller that dies at step `dies_at`, and is started again at once."""

    def __init__(self, dies_at: int, *, has_sweep: bool = True) -> None:
        self.left = dies_at
        self.has_sweep = has_sweep
        self.clock = FakeClock()
        loaders = {"order": load_order, "customer": load_customer}
        self.shop = FakeShop(self.clock, loaders, interrupt=self._step)
        self.state = FakeState(crash=self._step)
        self.inbox = Inbox(self.state)
        self.office = Office(self.shop)
        self._start()

    def _step(self, name: str) -> None:
        if name == "delivered.done":
            self.inbox.settled()
        self.left -= 1
        if self.left == 0:
            raise KilledError

    def _start(self) -> None:
        policy = Policy(namespace=NAMESPACE, settle=SETTLE)
        pages = Pages(self.state, PlainComposer(), streams=STREAMS, policy=policy)
        chosen = PollSettings(page_size=3)
        self.poll = Poll(self.shop, self.state, pages=pages, streams=STREAMS, settings=chosen, clock=self.clock)
        self.sweeper = Sweep(self.shop, self.state, pages, STREAMS, chosen, self.clock)
        self.deliver = Deliver(self.state, self.inbox, self.clock, rate_limit=4, dice=lambda: 0.5)

    def sweep(self) -> None:
        """All three depths."""
        for steps in (self.sweeper.recent(), self.sweeper.states(), self.sweeper.walk(is_paced=False)):
            for _ in steps:
                pass

    def work(self, what: Callable[["World"], Any]) -> None:
        """Work, and go on after a death: what was in hand is begun anew."""
        try:
            what(self)
        except KilledError:
            self._start()
            what(self)

    def live(self) -> None:
        """A short life of everything the engine does."""
        self.work(lambda world: world.poll.once())
        customer = self.office.add_customer() or 1
        first = self.office.place(customer, lines=2, is_whole=False)
        self.office.finish(first)
        late = self.office.bring_in(customer, orders=2)
        self.office.finish(self.office.place(customer, lines=1, is_whole=False))
        self.work(lambda world: world.poll.once())
        self.work(lambda world: world.deliver.drain())
        self.office.finish(late)
        self.office.finish(self.office.give_back(first.order_id, is_whole=False))
        self.office.edit_customer(customer, 1)
        self.office.set_state(first.order_id, CANCELED)
        for _ in range(4):
            self.office.let_pass(20)
            self.work(lambda world: world.poll.once())
            if self.has_sweep:
                self.work(lambda world: world.sweep())
            self.work(lambda world: world.deliver.drain())

    def told(self) -> Counter[str]:
        return Counter(message["fact"] for message in self.inbox.messages())


def undisturbed(*, has_sweep: bool = True) -> World:
    world = World(0, has_sweep=has_sweep)
    world.live()
    return world


def disturbed(*, has_sweep: bool = True) -> Iterator[World]:
    """A world for each step there is."""
    for step in range(1, MOST_STEPS):
        world = World(step, has_sweep=has_sweep)
        world.live()
        if world.left > 0:
            return
        yield world
    pytest.fail("it never ends")


def test_killed_at_every_step_nothing_is_missing_or_doubled() -> None:
    quiet = undisturbed()
    owed = quiet.told()
    assert {"order/1/completed", "order/3/completed", "order/1/refunded/slip/1", "order/1/cancelled/silent/1"} <= set(
        owed
    )
    steps = 0
    for world in disturbed():
        steps += 1
        assert world.told() == owed
        assert world.state.outbox == {}
        assert set(world.state.ledger) == set(quiet.state.ledger)
    assert steps > 100


def test_killed_at_every_step_what_was_acknowledged_is_not_sent_again() -> None:
    for world in disturbed():
        assert world.inbox.sent_for_nothing == []
        assert [fact for fact, bodies in world.inbox.bodies.items() if len(bodies) > 1] == []


def test_killed_at_every_step_the_feeds_alone_miss_nothing() -> None:
    """Without the sweep, which would make up for it: a mark never gets ahead of what it stands for."""
    owed = undisturbed(has_sweep=False).told()
    assert {"order/1/completed", "order/2/completed", "order/1/refunded/slip/1"} <= set(owed)
    for world in disturbed(has_sweep=False):
        assert world.told() == owed
