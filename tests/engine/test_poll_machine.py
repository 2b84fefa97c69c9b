"""The engine against everything at once: late commits, crashes between any two steps, silence, deletion, lost answers.

At rest, every fact the rows prove was accepted once, under one id with one body, and nothing else was.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from poller.core import watermarks
from poller.core.backoff import LONGEST_WAIT
from poller.core.events import Event
from poller.core.identity import message_id
from poller.core.marks import load_tail
from poller.core.policy import Policy
from poller.engine.deliver import Deliver
from poller.engine.pages import LIVE, Pages
from poller.engine.poll import Poll, PollSettings
from poller.engine.sweep import Sweep
from poller.errors import ShopStatementError, ShopUnreachableError
from poller.ports import Accepted, Deferred, Outgoing, Verdict
from poller.streams.customers import CUSTOMERS
from poller.streams.orders.derive import ORDERS
from tests.engine.office import GIVEN_BACK, MOST_SLIPS, STATES, Office, load_customer, load_order
from tests.support.fake_shop import FakeClock, FakeShop
from tests.support.fake_state import FakeState

NAMESPACE = UUID("00000000-0000-4000-8000-000000000001")
SETTLE = timedelta(seconds=15)
STREAMS = (CUSTOMERS, ORDERS)
ROUNDS_TO_REST = 5
HISTORIES = int(os.environ.get("HISTORIES", "150"))
"""How many histories are played: `make histories HISTORIES=5000` plays more."""

anything = st.integers(0, 10_000)


class KilledError(Exception):
    """The process dies here."""


class PlainComposer:
    """Messages as the checks below like to read them."""

    def compose(self, event: Event) -> Outgoing:
        body = {"fact": event.fact, "name": event.name, "customer": event.who.customer_id, **event.properties}
        body |= {"traits": event.who.traits} if event.thing == "customer" else {}
        return Outgoing(
            message_id=message_id(NAMESPACE, event.fact),
            name=event.name,
            thing=event.thing,
            key=event.key,
            customer_id=event.who.customer_id,
            occurred_at=event.occurred_at,
            text=json.dumps(body, default=str),
        )


@dataclass(slots=True)
class Inbox:
    """Segment: takes what it is sent, unless told otherwise; `lost` answers were those of batches it did take.

    What it acknowledged is remembered: that must never be sent again.
    """

    state: FakeState
    acknowledged: set[str] = field(default_factory=set)
    sent_for_nothing: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    bodies: dict[str, set[str]] = field(default_factory=dict)
    spoken_of_the_gone: list[str] = field(default_factory=list)

    def post(self, texts: Sequence[str], *, attempt: int) -> Verdict:
        del attempt
        answer = self.answers.pop(0) if self.answers else "accepted"
        if answer == "deferred":
            return Deferred("503")
        for text in texts:
            body = json.loads(text)
            if body["fact"] in self.acknowledged:
                self.sent_for_nothing.append(body["fact"])
            self.bodies.setdefault(body["fact"], set()).add(text)
            if body["customer"] in self.state.suppressed():
                self.spoken_of_the_gone.append(body["fact"])
        if answer == "killed":
            raise KilledError
        if answer == "lost":
            return Deferred("the answer was lost")
        self.waiting = [json.loads(text)["fact"] for text in texts]
        return Accepted()

    def settled(self) -> None:
        """The poller noted the last answer."""
        self.acknowledged.update(self.waiting)
        self.waiting = []

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(text) for bodies in self.bodies.values() for text in bodies]


@dataclass(slots=True)
class Trouble:
    """Something that happens after so many steps; every read of the shop and every write of the state is one or two."""

    after: int = -1
    happens: Callable[[], None] = lambda: None

    def __call__(self, step: str) -> None:
        del step
        self.after -= 1
        if self.after == -1:
            self.happens()


class PollMachine(RuleBasedStateMachine):
    """One shop, one poller. `has_sweep` says whether the sweep runs: without it only what feeds see is owed."""

    @initialize(
        has_sweep=st.booleans(),
        knows_horizon=st.booleans(),
        page_size=st.sampled_from([1, 3, 50]),
        step=st.sampled_from([1, 1, 3]),
        most_gaps=st.sampled_from([watermarks.MAX_GAPS, 4]),
    )
    def open_shop(self, has_sweep: bool, knows_horizon: bool, page_size: int, step: int, most_gaps: int) -> None:
        self.patches = pytest.MonkeyPatch()
        self.patches.setattr(watermarks, "MAX_GAPS", most_gaps)
        self.has_sweep = has_sweep
        self.page_size = page_size
        self.trouble = Trouble()
        self.clock, self.host = FakeClock(), FakeClock()
        loaders = {"order": load_order, "customer": load_customer}
        # Where a cluster counts in steps, the horizon of one node says nothing of the others.
        knows = knows_horizon and step == 1
        self.shop = FakeShop(self.clock, loaders, knows_horizon=knows, step=step, interrupt=self._step)
        self.steps_back = 0
        self.state = FakeState(crash=self._step)
        self.inbox = Inbox(self.state)
        self.office = Office(self.shop)
        self.gone: set[int] = set()
        self._start()
        self._working(self.poll.once)
        self.office.add_customer()

    def _step(self, name: str) -> None:
        self.trouble(name)
        if name == "delivered.done":
            self.inbox.settled()

    def _start(self) -> None:
        """A fresh process on the same state."""
        policy = Policy(namespace=NAMESPACE, settle=SETTLE, disabled=frozenset({"Order Updated"}))
        pages = Pages(self.state, PlainComposer(), streams=STREAMS, policy=policy)
        chosen = PollSettings(page_size=self.page_size)
        self.poll = Poll(self.shop, self.state, pages=pages, streams=STREAMS, settings=chosen, clock=self.host)
        self.sweeper = Sweep(self.shop, self.state, pages, STREAMS, chosen, self.host)
        self.deliver = Deliver(self.state, self.inbox, self.host, rate_limit=4, dice=lambda: 0.5)

    def _working(self, work: Callable[[], Any]) -> Any:
        """Let the poller work; it may be killed, and is started again, or lose the shop, and says so."""
        try:
            return work()
        except KilledError:
            self._start()
        except (ShopUnreachableError, ShopStatementError):
            pass
        finally:
            self.trouble = Trouble()
        return None

    # ------------------------------------------------------------ the shop at work

    @rule(who=anything, lines=st.integers(1, 2), is_whole=st.booleans())
    def begin_checkout(self, who: int, lines: int, is_whole: bool) -> None:
        self.office.place(self._customer(who), lines=lines, is_whole=is_whole)

    @rule(who=anything, orders=st.integers(2, 5))
    def begin_import(self, who: int, orders: int) -> None:
        self.office.bring_in(self._customer(who), orders=orders)

    def _customer(self, who: int) -> int:
        """Somebody there is, or nobody."""
        customers = sorted(self.shop.tables["customer"])
        return customers[who % len(customers)] if customers else 0

    @precondition(lambda self: self.office.idle_orders())
    @rule(which=anything, state=st.sampled_from(STATES), is_whole=st.booleans())
    def begin_change_of_state(self, which: int, state: int, is_whole: bool) -> None:
        order_id = self._one_of(self.office.idle_orders(), which)
        if self.office.order(order_id)["state"] != state:
            self.office.enter(order_id, state, is_whole=is_whole)

    @precondition(lambda self: self.office.idle_orders())
    @rule(which=anything, is_whole=st.booleans())
    def begin_slip(self, which: int, is_whole: bool) -> None:
        order_id = self._one_of(self.office.idle_orders(), which)
        if self.office.slips_of(order_id) < MOST_SLIPS:
            self.office.give_back(order_id, is_whole=is_whole)

    @precondition(lambda self: self.office.idle_orders())
    @rule(which=anything, state=st.sampled_from(STATES))
    def set_state_by_sql(self, which: int, state: int) -> None:
        order_id = self._one_of(self.office.idle_orders(), which)
        if self.office.order(order_id)["state"] != state:
            self.office.set_state(order_id, state)

    @precondition(lambda self: self.office.unrecorded())
    @rule(which=anything)
    def record_late(self, which: int) -> None:
        self.office.record(self._one_of(self.office.unrecorded(), which))

    @precondition(lambda self: self.office.crashed_orders())
    @rule(which=anything)
    def revive(self, which: int) -> None:
        self.office.revive(self._one_of(self.office.crashed_orders(), which))

    @precondition(lambda self: self.office.idle_orders())
    @rule(which=anything)
    def notify_again(self, which: int) -> None:
        self.office.notify_again(self._one_of(self.office.idle_orders(), which))

    @rule()
    def add_customer(self) -> None:
        self.office.add_customer()

    @precondition(lambda self: self.shop.tables["customer"])
    @rule(which=anything, edits=st.integers(0, 2))
    def edit_customer(self, which: int, edits: int) -> None:
        self.office.edit_customer(self._one_of(sorted(self.shop.tables["customer"]), which), edits)

    @precondition(lambda self: len(self.shop.tables["customer"]) > 1)
    @rule(which=anything)
    def delete_customer(self, which: int) -> None:
        customer_id = self._one_of(sorted(self.shop.tables["customer"]), which)
        self.gone.add(customer_id)
        self.office.delete_customer(customer_id)

    @precondition(lambda self: self.gone - set(self.shop.tables["customer"]))
    @rule(which=anything)
    def reuse_a_number(self, which: int) -> None:
        free = sorted(self.gone - set(self.shop.tables["customer"]))
        self.office.add_customer_again(self._one_of(free, which))

    @precondition(lambda self: self.office.in_hand)
    @rule(which=anything, steps=st.integers(1, 3))
    def go_on(self, which: int, steps: int) -> None:
        act = self._one_of(self.office.in_hand, which)
        for _ in range(steps):
            if not act.is_finished:
                self.office.step(act)

    @precondition(lambda self: self.office.in_hand)
    @rule(which=anything)
    def finish(self, which: int) -> None:
        self.office.finish(self._one_of(self.office.in_hand, which))

    @precondition(lambda self: self.office.in_hand)
    @rule(which=anything)
    def crash_in_the_shop(self, which: int) -> None:
        self.office.give_up(self._one_of(self.office.in_hand, which))

    @rule(seconds=st.sampled_from([0.01, 0.7, 4, 6, 16, 300]))
    def let_time_pass(self, seconds: float) -> None:
        self._pass(seconds)

    def _pass(self, seconds: float) -> None:
        self.office.let_pass(seconds)
        self.host.at += timedelta(seconds=seconds)

    @rule(hours=st.sampled_from([-2, -1, 1, 24]))
    def set_the_hosts_clock(self, hours: int) -> None:
        self.host.skew += timedelta(hours=hours)

    @precondition(lambda self: not self.shop.running and self.steps_back < 2)
    @rule(seconds=st.sampled_from([1, 30]))
    def set_the_databases_clock_back(self, seconds: int) -> None:
        """While nobody writes: that is what is asked of it."""
        self.steps_back += 1
        self.clock.at -= timedelta(seconds=seconds)

    def _one_of(self, things: Sequence[Any], which: int) -> Any:
        return things[which % len(things)]

    # ------------------------------------------------------------ the poller at work

    @rule()
    def look(self) -> None:
        self._working(self.poll.once)

    def _sweep(self) -> None:
        """All three depths, each to its end."""
        for steps in (self.sweeper.recent(), self.sweeper.states(), self.sweeper.walk(is_paced=False)):
            for _ in steps:
                pass

    @precondition(lambda self: self.has_sweep)
    @rule()
    def sweep(self) -> None:
        self._working(self._sweep)

    @rule(answers=st.lists(st.sampled_from(["accepted", "deferred", "lost", "killed"]), max_size=3))
    def send(self, answers: list[str]) -> None:
        self.inbox.answers = list(answers)
        self._working(self.deliver.drain)
        self.inbox.answers = []

    @rule(
        after=st.integers(0, 14), what=st.sampled_from(["killed", "unreachable", "statement", "commit"]), who=anything
    )
    def look_in_trouble(self, after: int, what: str, who: int) -> None:
        self._trouble(after, what, who)
        self._working(self.poll.once)

    @precondition(lambda self: self.has_sweep)
    @rule(
        after=st.integers(0, 10), what=st.sampled_from(["killed", "unreachable", "statement", "commit"]), who=anything
    )
    def sweep_in_trouble(self, after: int, what: str, who: int) -> None:
        self._trouble(after, what, who)
        self._working(self._sweep)

    @rule(after=st.integers(0, 6))
    def send_in_trouble(self, after: int) -> None:
        self._trouble(after, "killed", 0)
        self._working(self.deliver.drain)

    def _trouble(self, after: int, what: str, who: int) -> None:
        """After so many steps: the poller dies, the shop is away, one statement fails, or somebody commits."""

        def happens() -> None:
            if what == "killed":
                raise KilledError
            if what == "unreachable":
                raise ShopUnreachableError("away")
            if what == "statement":
                raise ShopStatementError("slow")
            if what == "commit" and self.office.in_hand:
                self.office.finish(self._one_of(self.office.in_hand, who))

        self.trouble = Trouble(after, happens)

    # ------------------------------------------------------------ what must hold

    @invariant()
    def nobody_who_is_gone_is_spoken_of(self) -> None:
        assert self.inbox.spoken_of_the_gone == []

    @invariant()
    def one_id_has_one_body(self) -> None:
        assert [fact for fact, bodies in self.inbox.bodies.items() if len(bodies) > 1] == []

    @invariant()
    def what_segment_acknowledged_is_not_sent_again(self) -> None:
        assert self.inbox.sent_for_nothing == []

    @rule()
    def rest(self) -> None:
        """Everybody finishes, time passes, the poller has nothing left to do: then the books must balance."""
        while self.office.in_hand:
            self.office.finish(self.office.in_hand[0])
        for _ in range(ROUNDS_TO_REST):
            self._pass(30 if self.shop.knows_horizon else 660)
            # A clock set back makes sending wait for as long, an hour at most: late, not lost.
            self.host.at += LONGEST_WAIT
            while self.poll.once().has_more:
                pass
            if self.has_sweep:
                self._sweep()
            self.deliver.drain()
        self._check_books()

    def teardown(self) -> None:
        if hasattr(self, "office"):
            self.rest()
        if hasattr(self, "patches"):
            self.patches.undo()

    def _check_books(self) -> None:
        assert self.state.outbox == {}
        arrived = {message_id(NAMESPACE, message["fact"]): message["customer"] for message in self.inbox.messages()}
        assert set(self.state.ledger) <= set(arrived)
        # Killed between the answer and the ledger, and then purged: nobody will ever know, and nobody needs to.
        unknown = set(arrived) - set(self.state.ledger)
        assert {arrived[one] for one in unknown} <= self.gone
        marks = {feed: load_tail(mark) for feed, mark in self.state.marks(LIVE).items()}
        assert [feed for feed, mark in marks.items() if mark.stopped] == []
        if self.shop.knows_horizon:
            assert [feed for feed, mark in marks.items() if mark.gaps] == []
        told = [message for message in self.inbox.messages() if message["fact"].startswith("order/")]
        self._check_counts(Counter((m["name"], int(m["order_id"])) for m in told if m["name"] != "identify"))
        self._check_contents(told)
        self._check_people()

    def _check_counts(self, told: Counter[tuple[str, int]]) -> None:
        provable = self.office.owed(with_unrecorded=True)
        owed = self.office.owed(with_unrecorded=self.has_sweep)
        customers = {key: row["customer_id"] for key, row in self.shop.tables["orders"].items()}
        assert not told - provable, "nothing but what happened"
        missing = owed - told
        assert [fact for fact in missing if customers[fact[1]] not in self.gone] == []

    def _check_contents(self, told: Sequence[dict[str, Any]]) -> None:
        for message in told:
            order_id = int(message["fact"].split("/")[1])
            whole = self.office.order(order_id)
            stood = order_id in self.office.stood_half
            assert stood or "silent" not in message["fact"], "a state is a fact without its record once it settled"
            assert stood or not message.get("unsettled"), "what is half is waited for"
            if message["name"] == "Order Completed" and not message.get("unsettled"):
                assert len(message["products"]) == whole["lines"]
            if "/refunded/slip/" in message["fact"] and message["name"] != "identify":
                assert message["total"] == GIVEN_BACK
                assert stood or len(message.get("products", ())) == 1

    def _check_people(self) -> None:
        """Whoever exists was told of as they are now: at once if they are new, by the sweep if they changed."""
        told = [message for message in self.inbox.messages() if message["fact"].startswith("customer/")]
        signed_up = Counter(message["customer"] for message in told if message["name"] == "Signed Up")
        assert set(self.shop.tables["customer"]) - self.gone <= set(signed_up)
        assert set(signed_up.values()) <= {1}
        people = [message for message in told if message["name"] == "identify"]
        latest = {}
        for message in sorted(people, key=lambda message: int(message["fact"].split("/")[3])):
            latest[message["customer"]] = message["traits"]["lastName"]
        # Who once was deleted stays so, whoever has the number now.
        rows = {key: row for key, row in self.shop.tables["customer"].items() if key not in self.gone}
        assert set(rows) <= set(latest)
        if self.has_sweep:
            assert {key: latest[key] for key in rows} == {key: str(row["edits"]) for key, row in rows.items()}


TestPollMachine = PollMachine.TestCase
TestPollMachine.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    report_multiple_bugs=False,
)
TestPollMachine = pytest.mark.timeout(3_600)(TestPollMachine)
