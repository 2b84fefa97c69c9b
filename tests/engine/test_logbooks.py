"""Logbooks: rows written once. What goes wrong with one waits by itself; nothing else does, and nothing is lost."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from poller.core.events import Event, Who
from poller.core.feeds import Feed
from poller.core.policy import Policy
from poller.engine.pages import Pages
from poller.engine.poll import Poll, PollSettings
from poller.errors import ShopStatementError
from poller.streams.outcome import Outcome, Stream, forget
from tests.engine.test_poll_machine import PlainComposer
from tests.support.fake_shop import FakeClock, FakeShop
from tests.support.fake_state import FakeState


def told(kind: str) -> Any:
    def derive(now: datetime, facts: int, memory: str | None, *, policy: Policy) -> Outcome:
        del memory, policy
        event = Event(
            fact=f"{kind}/{facts}",
            call="track",
            name=kind,
            thing=kind,
            key=facts,
            occurred_at=now,
            who=Who(anonymous_id="x"),
            properties={},
        )
        return Outcome(events=(event,), memory="kept" if kind == "order" else "")

    return derive


ORDERS = Stream(
    thing="order", feeds=(Feed(name="orders", thing="order", kind="tail"),), derive=told("order"), gone=forget, emits=()
)
LOG = Stream(
    thing="log",
    feeds=(Feed(name="customer", thing="log", kind="tail", is_emptied=True),),
    derive=told("log"),
    gone=forget,
    emits=(),
    is_logbook=True,
)
STREAMS = (ORDERS, LOG)


class Office:
    """A poll over a table of orders and a logbook; `fails` names the step that the database refuses."""

    def __init__(self) -> None:
        self.fails = ""
        self.clock = FakeClock()
        loaders = {
            "order": lambda tables, key: key if key in tables["orders"] else None,
            "log": lambda tables, key: key if key in tables["customer"] else None,
        }
        self.shop = FakeShop(self.clock, loaders, interrupt=self.step)
        self.state = FakeState()
        pages = Pages(self.state, PlainComposer(), streams=STREAMS, policy=Policy(namespace=UUID(int=1)))
        self.poll = Poll(self.shop, self.state, pages=pages, streams=STREAMS, settings=PollSettings(), clock=self.clock)

    def step(self, name: str) -> None:
        if name == self.fails:
            raise ShopStatementError(f"{name} failed.")

    def add(self, *tables: str) -> None:
        for table in tables:
            transaction = self.shop.begin()
            self.shop.insert(transaction, table)
            self.shop.commit(transaction)

    def messages(self) -> list[tuple[str, int]]:
        return sorted((held.outgoing.thing, held.outgoing.key) for held in self.state.outbox.values())


def test_nothing_is_remembered_of_a_logbooks_rows() -> None:
    office = Office()
    office.add("orders", "customer", "customer")
    office.poll.once()
    assert office.messages() == [("log", 1), ("log", 2), ("order", 1)]
    assert list(office.state.memories) == [("order", 1)]


def test_a_logbook_that_cannot_be_followed_holds_up_nothing() -> None:
    office = Office()
    office.poll.once()
    office.fails = "changes customer"
    office.add("customer", "orders")
    report = office.poll.once()
    assert report.failed == {"customer": "changes customer failed."}
    assert office.messages() == [("order", 1)]
    office.fails = ""
    office.poll.once()
    assert office.messages() == [("log", 1), ("order", 1)]


def test_rows_that_cannot_be_loaded_are_looked_at_again_and_then_forgotten() -> None:
    office = Office()
    office.poll.once()
    office.fails = "load log"
    office.add("customer", "orders")
    report = office.poll.once()
    assert report.postponed == {"log/1": "ShopStatementError"}
    assert office.messages() == [("order", 1)]
    office.fails = ""
    office.clock.at += timedelta(minutes=11)
    office.poll.once()
    assert office.messages() == [("log", 1), ("order", 1)]
    assert office.state.memories["log", 1].again is None


def test_a_logbook_that_was_emptied_is_read_from_its_new_beginning() -> None:
    office = Office()
    office.poll.once()
    office.add(*["customer"] * 5)
    office.poll.once()
    office.shop.tables["customer"].clear()
    office.poll.once()
    office.shop.last_ids["customer"] = 0
    office.state.outbox.clear()
    office.add("customer")
    office.poll.once()
    assert office.messages() == [("log", 1)]
