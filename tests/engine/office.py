"""An office: what people do in a shop, statement by statement, and which facts must come of it.

An act is carried out step by step, so that anything may happen between two of its statements: other acts, a look of the
poller, a crash. It commits each statement by itself, as PrestaShop does, or all of them at its end, as an import does.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from poller.streams.customers import CustomerFacts
from poller.streams.orders.facts import HistoryRow, OrderFacts, SlipLine
from tests.streams.builders import CANCELED, PAID, PREPARED, REFUNDED, line, order, slip
from tests.support.fake_shop import FakeShop, Table, Transaction

STATES = (PAID, PREPARED, CANCELED, REFUNDED)
GIVEN_BACK = "12.00"
MOST_SLIPS = 2
_NET = Decimal("10.00")
NEARLY_SETTLED = timedelta(seconds=14)
"""Stamps are whole seconds, so what looks settled may have stood for a second less."""


@dataclass(slots=True)
class Act:
    """Something somebody is doing to an order; `transaction` is None where each statement commits by itself."""

    order_id: int
    transaction: Transaction | None
    steps: Iterator[None] = field(default_factory=lambda: iter(()))
    stood: timedelta = timedelta(0)
    is_finished: bool = False

    @property
    def is_half_visible(self) -> bool:
        """Whether a reader may see some of it and not all."""
        return self.transaction is None and not self.is_finished


@dataclass(slots=True)
class Office:
    """The acts in hand, and what they make true.

    `stood_half` are the orders that were left half-way, or with a state nobody recorded, for long enough to be told so.
    """

    shop: FakeShop
    in_hand: list[Act] = field(default_factory=list)
    abandoned: list[Act] = field(default_factory=list)
    stood_half: set[int] = field(default_factory=set)

    # ------------------------------------------------------------ acts

    def place(self, customer_id: int, *, lines: int, is_whole: bool) -> Act:
        """A checkout: the order at state 0, its lines, its state, and last the history row."""
        act = self._take(0, is_whole=is_whole)

        return self._begun(act, self._placing(act, customer_id, lines))

    def bring_in(self, customer_id: int, *, orders: int) -> Act:
        """An import: several orders in one transaction."""
        act = self._take(0, is_whole=True)

        def steps() -> Iterator[None]:
            for _ in range(orders):
                for _ in self._placing(act, customer_id, 1):
                    pass
                yield

        return self._begun(act, steps())

    def enter(self, order_id: int, state: int, *, is_whole: bool) -> Act:
        """A change of state: the order's row, then the history row."""
        act = self._take(order_id, is_whole=is_whole)
        return self._begun(act, self._entering(act, state))

    def notify_again(self, order_id: int) -> None:
        """The history row of a state the order has already: an e-mail was sent again."""
        state = self.order(order_id)["state"]
        self._write(lambda t: self.shop.insert(t, "order_history", order_id=order_id, state=state))

    def set_state(self, order_id: int, state: int) -> Act:
        """An UPDATE by an ERP, which records nothing; it may come to that later, or never."""
        act = self.enter(order_id, state, is_whole=False)
        self.in_hand.remove(act)
        self.abandoned.append(act)
        return act

    def revive(self, act: Act) -> None:
        """An employee gives a state to an order whose checkout crashed, whatever of it was written."""
        self.abandoned.remove(act)
        self.stood_half.add(act.order_id)
        self.finish(self.enter(act.order_id, PREPARED, is_whole=False))

    def record(self, act: Act) -> None:
        """What was abandoned half-way is finished after all."""
        self.abandoned.remove(act)
        self.in_hand.append(act)
        self.finish(act)

    def give_back(self, order_id: int, *, is_whole: bool) -> Act:
        """A credit slip: the header, then its line."""
        act = self._take(order_id, is_whole=is_whole)

        def steps() -> Iterator[None]:
            slip_id = self._insert(act, "order_slip", order_id=order_id)
            yield
            self._insert(act, "order_slip_detail", slip_id=slip_id, order_id=order_id)

        return self._begun(act, steps())

    def add_customer(self) -> int:
        return self._write(lambda t: self.shop.insert(t, "customer", name="Ada", edits=0))

    def add_customer_again(self, customer_id: int) -> None:
        """A guest is inserted anew with the number of one who was deleted."""
        self._write(lambda t: self.shop.insert_again(t, "customer", customer_id, name="Ada", edits=0))

    def edit_customer(self, customer_id: int, edits: int) -> None:
        self._write(lambda t: self.shop.update(t, "customer", customer_id, edits=edits))

    def delete_customer(self, customer_id: int) -> None:
        self._write(lambda t: self.shop.delete(t, "customer", customer_id))

    # ------------------------------------------------------------ how acts go on and end

    def step(self, act: Act) -> None:
        """The next statement; after the last one the act is over, and a transaction of its own committed."""
        try:
            next(act.steps)
        except StopIteration:
            act.is_finished = True
            self.in_hand.remove(act)
            if act.transaction:
                self.shop.commit(act.transaction)

    def finish(self, act: Act) -> None:
        while act in self.in_hand:
            self.step(act)

    def give_up(self, act: Act) -> None:
        """Crash: a transaction is rolled back, anything else stays as it is."""
        self.in_hand.remove(act)
        if act.transaction:
            self.shop.rollback(act.transaction)
        elif act.order_id:
            self.abandoned.append(act)

    def let_pass(self, seconds: float) -> None:
        """Time passes. A transaction is registered within a second of taking its first id."""
        moment = timedelta(seconds=seconds)
        self.shop.clock.at += min(moment, timedelta(seconds=1))
        self.shop.register()
        self.shop.clock.at += max(moment - timedelta(seconds=1), timedelta(0))
        for act in (*self.in_hand, *self.abandoned):
            act.stood += moment
            if act.is_half_visible and act.stood >= NEARLY_SETTLED:
                self.stood_half.add(act.order_id)

    def _placing(self, act: Act, customer_id: int, lines: int) -> Iterator[None]:
        act.order_id = self._insert(act, "orders", customer_id=customer_id, state=0, lines=lines)
        yield
        for _ in range(lines):
            self._insert(act, "order_detail", order_id=act.order_id)
            yield
        yield from self._entering(act, PAID)

    def _entering(self, act: Act, state: int) -> Iterator[None]:
        self._do(act, lambda t: self.shop.update(t, "orders", act.order_id, state=state))
        yield
        self._insert(act, "order_history", order_id=act.order_id, state=state)

    def _take(self, order_id: int, *, is_whole: bool) -> Act:
        return Act(order_id, self.shop.begin() if is_whole else None)

    def _begun(self, act: Act, steps: Iterator[None]) -> Act:
        act.steps = steps
        self.in_hand.append(act)
        self.step(act)
        return act

    def _insert(self, act: Act, table: str, **columns: Any) -> int:
        return self._do(act, lambda t: self.shop.insert(t, table, **columns))

    def _do(self, act: Act, write: Callable[[Transaction], int | None]) -> int:
        act.stood = timedelta(0)
        if act.transaction:
            return write(act.transaction) or 0
        return self._write(write)

    def _write(self, write: Callable[[Transaction], int | None]) -> int:
        transaction = self.shop.begin()
        written = write(transaction)
        self.shop.commit(transaction)
        return written or 0

    # ------------------------------------------------------------ looking

    def order(self, order_id: int) -> Mapping[str, Any]:
        return self.shop.tables["orders"][order_id]

    def idle_orders(self) -> list[int]:
        """Orders with a state, to which nobody is doing anything, or left half done."""
        busy = {act.order_id for act in (*self.in_hand, *self.abandoned)}
        return [key for key, row in self.shop.tables["orders"].items() if row["state"] and key not in busy]

    def crashed_orders(self) -> list[Act]:
        """What checkouts left that crashed before the first state."""
        return [act for act in self.abandoned if self.order(act.order_id)["state"] == 0]

    def unrecorded(self) -> list[Act]:
        """States that are set, and not in the history."""
        return [act for act in self.abandoned if self.order(act.order_id)["state"]]

    def slips_of(self, order_id: int) -> int:
        return sum(row["order_id"] == order_id for row in self.shop.tables["order_slip"].values())

    # ------------------------------------------------------------ truth

    def owed(self, *, with_unrecorded: bool) -> Counter[tuple[str, int]]:
        """The order facts that the committed rows prove; those of customers who are gone are not owed."""
        found: Counter[tuple[str, int]] = Counter()
        for key, row in self.shop.tables["orders"].items():
            states = [h["state"] for h in self._rows("order_history", key)]
            if with_unrecorded and row["state"] and (not states or states[-1] != row["state"]):
                states.append(row["state"])
            found["Order Completed", key] = min(len(states), 1)
            steps = list(pairwise([None, *states]))
            found["Order Cancelled", key] = sum(after == CANCELED != before for before, after in steps)
            # The state gives back what is left, all at once: entered again, it gives back nothing.
            found["Order Refunded", key] = int(REFUNDED in states) + self.slips_of(key)
        return +found

    def _rows(self, table: str, order_id: int) -> list[Mapping[str, Any]]:
        rows = self.shop.tables[table]
        return [rows[key] for key in sorted(rows) if rows[key]["order_id"] == order_id]


# ---------------------------------------------------------------- rows become facts


def load_order(tables: Mapping[str, Table], key: int) -> OrderFacts | None:
    """The order's facts, as the shop edge would make them of these rows."""
    row = tables["orders"].get(key)
    if row is None:
        return None
    details = [detail for detail, of in tables["order_detail"].items() if of["order_id"] == key]
    lines = tuple(line(detail) for detail in sorted(details))
    rows = [tables["order_history"][k] for k in sorted(tables["order_history"])]
    history = tuple(HistoryRow(h["id"], h["state"], 0, h["at"]) for h in rows if h["order_id"] == key)
    net = Decimal(20) * row["lines"]
    slips = tuple(
        replace(slip(number, GIVEN_BACK, of["at"]), lines=_slip_lines(tables, number))
        for number, of in sorted(tables["order_slip"].items())
        if of["order_id"] == key
    )
    return order(
        order_id=key,
        lines=lines,
        history=history,
        state_id=row["state"],
        customer_id=row["customer_id"],
        customer=load_customer(tables, row["customer_id"]),
        products_tax_excl=net,
        products_tax_incl=net * Decimal("1.2"),
        total_tax_incl=net * Decimal("1.2") + 6,
        added_at=row["at"],
        updated_at=row["saved"],
        slips=slips,
    )


def _slip_lines(tables: Mapping[str, Table], slip_id: int) -> tuple[SlipLine, ...]:
    """One unit of the order's first line."""
    rows = [row for row in tables["order_slip_detail"].values() if row["slip_id"] == slip_id]
    return tuple(SlipLine(_first_line(tables, row["order_id"]), 1, _NET, Decimal(GIVEN_BACK)) for row in rows)


def _first_line(tables: Mapping[str, Table], order_id: int) -> int:
    """0 where a crashed checkout left none."""
    return min((key for key, row in tables["order_detail"].items() if row["order_id"] == order_id), default=0)


def load_customer(tables: Mapping[str, Table], key: int) -> CustomerFacts | None:
    """The customer's facts; their edits stand in the last name."""
    row = tables["customer"].get(key)
    if row is None:
        return None
    return CustomerFacts(
        customer_id=key,
        shop_id=1,
        email=f"ada{key}@example.com",
        first_name="Ada",
        last_name=str(row["edits"]),
        added_at=row["at"],
        updated_at=row["saved"],
    )
