"""A shop in memory for engine tests: rows that commit out of order, and snapshots that see what was committed.

What it imitates of InnoDB: an id is taken by the insert, not by the commit; a rolled-back id is never given again; a
view shows what was committed before it was opened, and nothing later; the oldest running transaction is known by its
start, in whole seconds, and only from the moment on at which it was registered.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeAlias

from poller.core.blocks import DIGEST_BYTES, BlockRead, BlockSum, SweptRow, block_of, folded, keys_of, state_digest
from poller.core.feeds import Change, Feed, Reading
from poller.errors import BugError

Row: TypeAlias = Mapping[str, Any]
Table: TypeAlias = Mapping[int, Row]
Loader: TypeAlias = Callable[[Mapping[str, Table], int], Any]
"""Makes a thing's facts of the tables a view shows; None if the thing is not there."""

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOUCHES: Mapping[str, str] = {
    "orders": "id",
    "order_history": "order_id",
    "order_slip": "order_id",
    "order_payment": "order_id",
    "customer": "id",
    "address": "customer_id",
    "psgdpr_log": "customer_id",
}
"""Which column of each followed table names the thing it touches."""
PARTS = ("order_detail", "order_slip_detail")
"""Tables nobody follows."""


def _nothing(step: str) -> None:
    del step


@dataclass(slots=True)
class FakeClock:
    """A clock that moves only when it is moved; `skew` is by how much somebody set it wrong."""

    at: datetime = START
    skew: timedelta = timedelta(0)

    def now(self) -> datetime:
        return self.at + self.skew

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()

    def wait(self, seconds: float) -> bool:
        """The sender's pauses between batches are no time worth telling."""
        del seconds
        return False


@dataclass(slots=True)
class Transaction:
    """What a session wrote and has not committed. `registered_at`: its start in innodb_trx, None before it is there."""

    registered_at: datetime | None = None
    writes: dict[tuple[str, int], Row | None] = field(default_factory=dict)


@dataclass(slots=True)
class FakeShop:
    """`ports.Shop`. `loaders` make things of rows; `interrupt` is called before every read: raise in it, or commit.

    `step` is `auto_increment_increment`: a cluster's nodes count in steps, so that their ids never meet.
    """

    clock: FakeClock
    loaders: Mapping[str, Loader]
    knows_horizon: bool = True
    step: int = 1
    interrupt: Callable[[str], None] = _nothing
    tables: dict[str, dict[int, Row]] = field(default_factory=lambda: {table: {} for table in (*TOUCHES, *PARTS)})
    last_ids: dict[str, int] = field(default_factory=dict)
    running: list[Transaction] = field(default_factory=list)

    # ------------------------------------------------------------ writing

    def begin(self) -> Transaction:
        """Open a transaction; nobody sees it run before `register`."""
        transaction = Transaction()
        self.running.append(transaction)
        return transaction

    def register(self) -> None:
        """Let every transaction show itself: a moment after its first statement, which may have taken an id."""
        for transaction in self.running:
            transaction.registered_at = transaction.registered_at or self.clock.at.replace(microsecond=0)

    def insert(self, transaction: Transaction, table: str, /, **columns: Any) -> int:
        """Write a row, which takes the table's next id at once; a node of its own may be the next to count."""
        last = self.last_ids.get(table, 1 - self.step)
        key = self.last_ids[table] = last + self.step
        now = self.clock.at.replace(microsecond=0)
        transaction.writes[table, key] = {"id": key, "at": now, "saved": now, **columns}
        return key

    def insert_again(self, transaction: Transaction, table: str, key: int, /, **columns: Any) -> None:
        """Write a row with an id that was used before."""
        now = self.clock.at.replace(microsecond=0)
        transaction.writes[table, key] = {"id": key, "at": now, "saved": now, **columns}

    def update(self, transaction: Transaction, table: str, key: int, /, **columns: Any) -> None:
        """Change a row that is committed, or written in the same transaction."""
        before = transaction.writes.get((table, key)) or self.tables[table][key]
        transaction.writes[table, key] = {**before, "saved": self.clock.at.replace(microsecond=0), **columns}

    def delete(self, transaction: Transaction, table: str, key: int) -> None:
        transaction.writes[table, key] = None

    def commit(self, transaction: Transaction) -> None:
        self.running.remove(transaction)
        for (table, key), row in transaction.writes.items():
            if row is None:
                self.tables[table].pop(key, None)
            else:
                self.tables[table][key] = row

    def rollback(self, transaction: Transaction) -> None:
        """Nothing was written; the ids are gone."""
        self.running.remove(transaction)

    # ------------------------------------------------------------ the port

    def identity(self) -> str:
        return "fake"

    @contextmanager
    def snapshot(self) -> Iterator["FakeSnapshot"]:
        self.interrupt("clock")
        reading = Reading(self.clock.at, self._horizon())
        self.interrupt("view")
        yield FakeSnapshot(self, reading, {table: dict(rows) for table, rows in self.tables.items()})

    def _horizon(self) -> datetime | None:
        if not self.knows_horizon:
            return None
        starts = [transaction.registered_at for transaction in self.running if transaction.registered_at]
        return min([*starts, self.clock.at])


@dataclass(frozen=True, slots=True)
class FakeSnapshot:
    """`ports.Snapshot`: the tables as they were when it was opened."""

    shop: FakeShop
    reading: Reading
    tables: Mapping[str, Table]

    def clock(self) -> datetime:
        return self.shop.clock.at

    def newest(self, feed: Feed) -> int:
        self.shop.interrupt(f"newest {feed.name}")
        return max(self.tables[feed.name], default=0)

    def changes(self, feed: Feed, *, after: int, until: int, limit: int) -> Sequence[Change]:
        self.shop.interrupt(f"changes {feed.name}")
        rows = self.tables[feed.name]
        found = sorted(key for key in rows if after < key <= until)[:limit]
        return [Change(key, int(rows[key][TOUCHES[feed.name]]), self.local_text(rows[key]["at"])) for key in found]

    def shop_ids(self) -> Sequence[int]:
        return (1,)

    def touched_since(
        self, feed: Feed, *, shop_id: int, since: str, after: int, limit: int
    ) -> Sequence[tuple[str, int]]:
        raise BugError(f"the fake shop has no touch feed {feed.name} ({shop_id}, {since}, {after}, {limit})")

    def local_text(self, moment: datetime) -> str:
        return (moment + timedelta(hours=1)).replace(tzinfo=None, microsecond=0).isoformat(sep=" ")

    def spent_seconds(self) -> float:
        return 0.0

    @property
    def blocks(self) -> "FakeBlocks":
        return FakeBlocks(self)

    def digests(self, thing: str, keys: Sequence[int]) -> Mapping[int, bytes]:
        """As the real one: of the thing's own row, not of its history or its slips; none of what is not swept."""
        self.shop.interrupt(f"digests {thing}")
        if thing not in _ROWS:
            return {}
        rows = self.tables[_ROWS[thing]]
        return {key: _digest(rows[key]) if key in rows else b"" for key in keys}

    def load(self, thing: str, keys: Sequence[int]) -> Mapping[int, Any]:
        if thing == "ledger":
            return {}  # the machine is about what is told, not about what a customer was worth
        self.shop.interrupt(f"load {thing}")
        found = {key: self.shop.loaders[thing](self.tables, key) for key in keys}
        return {key: facts for key, facts in found.items() if facts is not None}


_ROWS: Mapping[str, str] = {"order": "orders", "customer": "customer"}


@dataclass(frozen=True, slots=True)
class FakeBlocks:
    """`ShopBlocks` over a view's tables."""

    view: FakeSnapshot

    def newest_key(self, thing: str) -> int:
        self.view.shop.interrupt(f"newest_key {thing}")
        return max(self.view.tables[_ROWS.get(thing, "order_detail")], default=0)

    def next_key(self, thing: str) -> int:
        return self.view.shop.last_ids.get(_ROWS[thing], 0) + 1

    def refunds(self, *, first: int, last: int) -> Mapping[int, bytes]:
        """The fake's lines have no counters."""
        del first, last
        return {}

    def sums(self, thing: str, *, first: int, last: int, with_below: bool = True) -> Mapping[int, BlockSum]:
        del with_below
        numbers = {block_of(key) for key in self.view.tables[_ROWS[thing]]}
        return {number: self.read(thing, number).sum for number in numbers if first <= number <= last}

    def states(self, *, first: int, last: int) -> Mapping[int, int]:
        sums: dict[int, int] = {}
        for key, row in self.view.tables["orders"].items():
            if first <= block_of(key) <= last:
                sums[block_of(key)] = sums.get(block_of(key), 0) + state_digest(key, int(row["state"]))
        return sums

    def read(self, thing: str, number: int) -> BlockRead:
        self.view.shop.interrupt(f"read {thing}")
        table = self.view.tables[_ROWS[thing]]
        rows = {
            key: SweptRow(_digest(row), self.view.local_text(row["at"]), int(row.get("state", 0)))
            for key, row in table.items()
            if key in keys_of(number)
        }
        nothing = bytes(DIGEST_BYTES)
        return BlockRead(BlockSum(len(rows), folded(row.digest for row in rows.values()), nothing), rows, nothing)

    def unrecorded(self, number: int, *, since: str) -> Collection[int]:
        """Any order may be: the fake looks at all of them."""
        del since
        return {key for key in self.view.tables["orders"] if key in keys_of(number)}

    def form(self, thing: str) -> str:
        return f"{thing} 1"


def _digest(row: Row) -> bytes:
    return blake2b(repr(sorted(row.items())).encode(), digest_size=DIGEST_BYTES).digest()
