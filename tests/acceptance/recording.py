"""A recording of a live PrestaShop: replayed transaction by transaction, and what its own timeline says happened.

Dates in the recording are moved to the present, so that the database's clock and the shop's stamps agree.
"""

import gzip
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from poller.demo.server import PrivateMariaDB

ROOT = Path(__file__).resolve().parents[3] / "shared" / "recordings"
PARIS = ZoneInfo("Europe/Paris")
VALID = {2, 3, 4, 5, 11}
CANCELED, REFUNDED = 6, 7
_STAMP = re.compile(r"'(20\d\d-\d\d-\d\d \d\d:\d\d:\d\d)'")
_AMOUNT = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True, slots=True)
class Transaction:
    """One committed transaction and when it was committed (unix seconds)."""

    unix: float
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """One fact the timeline proves: `total` None where no page printed it."""

    kind: str
    order_id: int
    total: Decimal | None
    count: int
    revenue: Decimal
    known_at: float


@dataclass
class Account:
    """A customer's orders as the timeline's pages show them: total, rate, validity, what slips gave back."""

    orders: dict[int, tuple[Decimal, Decimal, bool]] = field(default_factory=dict)
    slips: dict[int, Decimal] = field(default_factory=dict)

    def count(self) -> int:
        return sum(valid for _, _, valid in self.orders.values())

    def revenue(self) -> Decimal:
        total = Decimal(0)
        for key, (amount, rate, valid) in self.orders.items():
            if valid:
                total += (amount - self.slips.get(key, Decimal(0))) / rate
        return total.quantize(Decimal("0.01"))


class Recording:
    """One recording's files."""

    def __init__(self, name: str) -> None:
        self.directory = ROOT / name

    def transactions(self) -> Iterator[Transaction]:
        with gzip.open(self.directory / "changes.sql.gz", "rt", encoding="utf8") as file:
            _, *blocks = re.split(r"\n(?=-- tx )", file.read())
        for block in blocks:
            head, *lines = block.splitlines()
            found = re.search(r"unix=([\d.]+)", head)
            assert found
            statements = tuple(line for line in lines if line and line not in ("BEGIN;", "COMMIT;"))
            yield Transaction(float(found[1]), statements)

    def load(self, server: PrivateMariaDB, database: str, *, shift: float, file: str = "base") -> None:
        """Load a dump with every date so many seconds later."""
        text = gzip.decompress((self.directory / f"{file}.sql.gz").read_bytes()).decode("utf8")
        subprocess.run(
            ["mariadb", "--no-defaults", "-uroot", "-S", server.socket, database],
            input=moved(text, shift).encode("utf8"),
            check=True,
        )

    def timeline(self) -> list[dict[str, Any]]:
        lines = (self.directory / "timeline.jsonl").read_text(encoding="utf8").splitlines()
        return sorted((json.loads(line) for line in lines), key=lambda step: step.get("t_end", step["t"]))

    def truths(self) -> list[Truth]:
        """What happened, in order; counters as of each fact, by the rule the documentation states."""
        return list(_Reader().read(self.timeline()))


def moved(sql: str, seconds: float) -> str:
    """The SQL with every local date so much later."""
    delta = timedelta(seconds=seconds)

    def move(match: re.Match[str]) -> str:
        local = datetime.fromisoformat(match[1]).replace(tzinfo=PARIS)
        later = (local.astimezone(UTC) + delta).astimezone(PARIS).replace(tzinfo=None)
        return f"'{later.isoformat(sep=' ', timespec='seconds')}'"

    return _STAMP.sub(move, sql)


def amount(text: str) -> Decimal:
    """A printed amount: `€49.29`, `75,12 €`."""
    found = _AMOUNT.search(text)
    assert found, text
    return Decimal(
        found[0].replace(",", ".") if found[0].count(",") == 1 and "." not in found[0] else found[0].replace(",", "")
    )


class _Reader:
    """Walks the timeline, keeping each customer's account."""

    def __init__(self) -> None:
        self.accounts: dict[int, Account] = {}
        self.owners: dict[int, int] = {}
        self.completed: set[int] = set()
        self.states: dict[int, int] = {}
        self.slip_counts: dict[int, int] = {}

    def read(self, steps: list[dict[str, Any]]) -> Iterator[Truth]:
        for step in steps:
            known_at = float(step.get("t_end", step["t"]))
            views = step.get("shop_view") or step.get("shops_view") or []
            for view in views if isinstance(views, list) else [views]:
                yield from self._see(view, known_at)
            if step["action"] == "order_placed" and not views:
                yield from self._seen_in_browser(step, known_at)
            if step.get("what") == "orders left by the killed request":
                yield from self._left_behind(step, known_at)

    def _see(self, view: dict[str, Any], known_at: float) -> Iterator[Truth]:
        order_id, customer = int(view["id_order"]), int(view["customer"]["id"])
        account = self.accounts.setdefault(customer, Account())
        self.owners[order_id] = customer
        total, state = amount(view["prices"]["totalAmount"]), int(view["current_status"])
        rate = Decimal("1.0842") if view["id_currency"] == 2 else Decimal(1)
        slips = [amount(d["amount"]) for d in view.get("documents", []) if d["type"] == "credit_slip"]
        account.orders[order_id] = (total, rate, state in VALID)
        account.slips[order_id] = sum(slips, Decimal(0))
        assert account.count() == int(view["customer"]["validOrdersPlaced"]), "the shop counts as we do"
        if order_id not in self.completed and state:
            self.completed.add(order_id)
            yield self._truth("Order Completed", order_id, total, known_at)
        for slip in slips[self.slip_counts.get(order_id, 0) :]:
            yield self._truth("Order Refunded", order_id, slip, known_at)
        self.slip_counts[order_id] = len(slips)
        before = self.states.get(order_id)
        if state == CANCELED != before and before is not None:
            yield self._truth("Order Cancelled", order_id, total, known_at)
        if state == REFUNDED != before and before is not None:
            yield self._truth("Order Refunded", order_id, total - account.slips[order_id], known_at)
        self.states[order_id] = state

    def _seen_in_browser(self, step: dict[str, Any], known_at: float) -> Iterator[Truth]:
        order_id = step["id_order"]
        shown = step.get("shown_before_pay")
        if isinstance(shown, str):
            self.completed.add(order_id)
            yield Truth("Order Completed", order_id, amount(shown), -1, Decimal(0), known_at)

    def _left_behind(self, step: dict[str, Any], known_at: float) -> Iterator[Truth]:
        """Of a killed checkout: the order that got its state is complete, the other is not."""
        for order_id, _, state in step["rows"]:
            if state and order_id not in self.completed:
                self.completed.add(order_id)
                yield Truth("Order Completed", order_id, None, -1, Decimal(0), known_at)

    def _truth(self, kind: str, order_id: int, total: Decimal, known_at: float) -> Truth:
        account = self.accounts[self.owners[order_id]]
        return Truth(kind, order_id, total, account.count(), account.revenue(), known_at)


class Replay:
    """Applies the recorded transactions to a database, all dates later by as much as its base was moved.

    Faster than life, so the shop's clock runs up to two minutes ahead of the database's: as it may in life.
    """

    def __init__(self, server: PrivateMariaDB, database: str, recording: Recording, *, shift: float) -> None:
        self._connection = server.connect(database)
        self._waiting = list(recording.transactions())
        self._shift = shift
        with self._connection.cursor() as cursor:
            cursor.execute("SET sql_mode='NO_AUTO_VALUE_ON_ZERO', foreign_key_checks=0, time_zone='+00:00'")

    def until(self, unix: float) -> None:
        """Apply everything that was committed by then."""
        with self._connection.cursor() as cursor:
            while self._waiting and self._waiting[0].unix <= unix:
                transaction = self._waiting.pop(0)
                cursor.execute("BEGIN")
                for statement in transaction.statements:
                    cursor.execute(moved(statement, self._shift))
                cursor.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()
