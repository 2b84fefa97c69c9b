"""What status and audit read: the ledger, runs, lanes and sizes."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from poller.errors import BugError
from poller.ports import Commit, Suppressed
from poller.state.ledger import LedgerTotal
from poller.state.progress import Checkpoint, LaneProgress, Run
from poller.state.store import StateStore, open_state
from tests.state.builders import AT, LARGE, SECOND, memory, message, messages

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    with open_state(f"sqlite:///{tmp_path}/state.db") as opened:
        yield opened


def deliver(store: StateStore, commit: Commit) -> None:
    store.commit(commit)
    store.delivered(store.pending(limit=LARGE, max_bytes=10 * LARGE), AT)


# ---------------------------------------------------------------- ledger


def test_the_ledger_counts_by_name(store: StateStore) -> None:
    page = [message(1), message(2), message(3, name="identify", thing="customer"), message(4, name="identify")]
    deliver(store, Commit(lane="live", at=AT, outgoing=page))
    assert store.ledger_counts() == {"Order Completed": 2, "identify": 2}
    assert store.ledger_size() == 4


def test_the_tally_counts_once_what_became_of_messages(store: StateStore) -> None:
    page = [message(1), message(2), message(3, name="identify")]
    store.commit(Commit(lane="live", at=AT, outgoing=page))
    batch = store.pending(limit=LARGE, max_bytes=10 * LARGE)
    store.count_deferred([message.name for message in batch], AT)
    store.delivered(batch[:1], AT)
    store.delivered(batch[:1], AT)
    store.bury(batch[1], reason="400", at=AT + timedelta(minutes=10))
    store.bury(batch[1], reason="400", at=AT + timedelta(minutes=10))
    everything = {
        "delivered": {"Order Completed": 1},
        "buried": {"Order Completed": 1},
        "deferred": {"Order Completed": 2, "identify": 1},
    }
    assert store.tally() == everything
    assert store.tally(AT - timedelta(minutes=5)) == everything
    assert store.tally(AT + timedelta(minutes=5)) == {"buried": {"Order Completed": 1}}


def test_the_tally_forgets_periods_and_never_the_sum(store: StateStore) -> None:
    for day in range(3):
        at = AT + day * DAY
        store.commit(Commit(lane="live", at=at, outgoing=[message(day + 1)]))
        store.delivered(store.pending(limit=LARGE, max_bytes=10 * LARGE), at)
    assert store.tally() == {"delivered": {"Order Completed": 3}}
    assert store.tally(AT - DAY) == {"delivered": {"Order Completed": 2}}, "the first day is forgotten"
    assert store.tally(AT + 2 * DAY - timedelta(hours=1)) == {"delivered": {"Order Completed": 1}}


def test_the_ledger_sums_money_by_the_day_it_happened(store: StateStore) -> None:
    page = [
        message(1, amount_minor=1_050, currency="EUR"),
        message(2, amount_minor=950, currency="EUR"),
        message(3, amount_minor=700, currency="JPY"),
        message(4, amount_minor=5, currency="EUR", occurred_at=AT + DAY),
        message(5, amount_minor=5, currency="EUR", occurred_at=AT - DAY),
        message(6, name="Order Cancelled"),
    ]
    deliver(store, Commit(lane="live", at=AT, outgoing=page))
    first: dict[str, Any] = {"day": date(2024, 5, 1), "name": "Order Completed"}
    assert store.ledger_totals(since=date(2024, 5, 1), until=date(2024, 5, 2)) == [
        LedgerTotal(day=date(2024, 5, 1), name="Order Cancelled", currency=None, events=1, amount_minor=0),
        LedgerTotal(**first, currency="EUR", events=2, amount_minor=2_000),
        LedgerTotal(**first, currency="JPY", events=1, amount_minor=700),
    ]


def test_what_was_purged_while_it_was_sent_is_entered_without_its_money(store: StateStore) -> None:
    store.commit(Commit(lane="live", at=AT, outgoing=[message(1, customer_id=7, amount_minor=5, currency="EUR")]))
    batch = store.pending(limit=1, max_bytes=LARGE)
    store.commit(Commit(lane="live", at=AT, suppressed=[Suppressed(customer_id=7, reason="erased")]))
    store.delivered(batch, AT)
    (total,) = store.ledger_totals(since=date(2024, 5, 1), until=date(2024, 5, 2))
    assert (total.events, total.amount_minor, total.currency) == (1, 0, None)


def test_the_ledger_takes_at_most_60_bytes_an_event(store: StateStore) -> None:
    rows, step = 100_000, 500
    store.close()
    assert store.file
    before = store.file.stat().st_size
    for start in range(0, rows, step):
        page = [
            message(
                number,
                message_id=uuid4(),
                name=("Order Completed", "Order Refunded", "identify")[number % 3],
                key=1_000_000 + number,
                occurred_at=AT - number * timedelta(minutes=20),
                text="x" * 50,
                amount_minor=number * 7 % 100_000,
                currency="EUR",
            )
            for number in range(start, start + step)
        ]
        deliver(store, Commit(lane="live", at=AT, outgoing=page))
    assert store.ledger_size() == rows
    store.close()
    assert (store.file.stat().st_size - before) / rows <= 60


# ---------------------------------------------------------------- runs


def test_a_run_is_noted_when_it_begins_and_when_it_ends(store: StateStore) -> None:
    first = store.begin_run("catch-up", "live", at=AT)
    second = store.begin_run("backfill", "backfill-1", at=AT + SECOND)
    store.end_run(first, "done", detail="12 events", at=AT + 2 * SECOND)
    assert store.runs(9) == [
        Run(
            id=second,
            door="backfill",
            lane="backfill-1",
            started_at=AT + SECOND,
            finished_at=None,
            outcome=None,
            detail=None,
        ),
        Run(
            id=first,
            door="catch-up",
            lane="live",
            started_at=AT,
            finished_at=AT + 2 * SECOND,
            outcome="done",
            detail="12 events",
        ),
    ]
    assert [run.id for run in store.runs(1)] == [second]


def test_the_last_thousand_runs_are_kept(store: StateStore) -> None:
    numbers = [store.begin_run("catch-up", "live", at=AT) for _ in range(1_003)]
    assert [run.id for run in store.runs(5_000)] == numbers[:2:-1]


# ---------------------------------------------------------------- lanes


def test_checkpoints_tell_when_they_last_moved(store: StateStore) -> None:
    store.commit(Commit(lane="live", at=AT, marks={"orders": "1", "carts": "2"}))
    store.commit(Commit(lane="backfill-1", at=AT, marks={"orders": "0"}))
    store.commit(Commit(lane="live", at=AT + SECOND, marks={"orders": "3"}))
    assert store.checkpoints() == [
        Checkpoint(lane="backfill-1", feed="orders", mark="0", updated_at=AT),
        Checkpoint(lane="live", feed="carts", mark="2", updated_at=AT),
        Checkpoint(lane="live", feed="orders", mark="3", updated_at=AT + SECOND),
    ]


def test_what_waits_to_be_looked_at_again_is_counted(store: StateStore) -> None:
    asking = [memory(1, again=AT), memory(2, again=AT + DAY), memory(3), memory(1, thing="cart", again=AT)]
    store.commit(Commit(lane="live", at=AT, memories=asking))
    assert (store.waiting("order"), store.waiting("cart"), store.waiting("customer")) == (2, 1, 0)


def test_a_mark_can_be_forgotten(store: StateStore) -> None:
    store.commit(Commit(lane="live", at=AT, marks={"orders": "1", "carts": "2"}))
    assert store.reset_mark("live", "orders")
    assert not store.reset_mark("live", "orders")
    assert store.marks("live") == {"carts": "2"}


def test_lanes_tell_where_they_stand(store: StateStore) -> None:
    store.commit(Commit(lane="backfill-1", at=AT, outgoing=messages(1, 2, 3), marks={"orders": "1", "carts": "1"}))
    store.bury(store.pending(limit=1, max_bytes=LARGE)[0], reason="no", at=AT)
    store.commit(Commit(lane="live", at=AT + SECOND, marks={"orders": "1"}))
    store.commit(Commit(lane="aside", at=AT + SECOND, outgoing=messages(4)))
    values: dict[str, Any] = {"feeds": 0, "updated_at": None, "pending": 0, "buried": 0, "oldest_at": None}
    assert store.lane_progress() == [
        LaneProgress(lane="live", **values | {"feeds": 1, "updated_at": AT + SECOND}),
        LaneProgress(lane="aside", **values | {"pending": 1, "oldest_at": AT + SECOND}),
        LaneProgress(
            lane="backfill-1", **values | {"feeds": 2, "updated_at": AT, "pending": 2, "buried": 1, "oldest_at": AT}
        ),
    ]


def test_the_size_is_what_the_disk_holds(store: StateStore) -> None:
    store.commit(Commit(lane="live", at=AT, outgoing=messages(*range(100), text="x" * 1_000)))
    assert store.file
    log = store.file.with_name("state.db-wal")
    assert store.size_bytes() == store.file.stat().st_size + log.stat().st_size > 100_000
    with open_state("sqlite://") as memory_store:
        assert 0 < memory_store.size_bytes() < 500_000


def test_what_a_backlog_took_is_given_back(store: StateStore) -> None:
    for start in range(0, 20_000, 2_000):
        numbers = range(start, start + 2_000)
        store.commit(Commit(lane="backfill-1", at=AT, outgoing=messages(*numbers, text="x" * 3_000)))
    assert store.file
    store.close()
    assert store.file.stat().st_size > 60_000_000
    while batch := store.pending(limit=500, max_bytes=LARGE):
        store.delivered(batch, AT)
    assert store.damage() == ""
    assert store.ledger_size() == 20_000
    store.close()
    assert store.file.stat().st_size < 12_000_000


# ---------------------------------------------------------------- what errors tell


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error:
        yield error
        error = error.__cause__ or error.__context__


def test_an_error_tells_the_statement_not_the_customer(store: StateStore) -> None:
    canary = "canary@example.com"
    page = Commit(lane="live", at=AT, memories=[memory(1, thing=None, body=canary)])
    with pytest.raises(BugError, match=r"NOT NULL constraint failed: memory\.thing") as caught:
        store.commit(page)
    chain = list(causes(caught.value))
    assert len(chain) > 2
    assert not [error for error in chain if canary in str(error)]


def test_ids_are_sixteen_bytes(store: StateStore) -> None:
    deliver(store, Commit(lane="live", at=AT, outgoing=[message(1, message_id=UUID(int=255))]))
    with store._database.read() as connection:
        assert connection.exec_driver_sql("SELECT message_id FROM ledger").scalar_one() == bytes(15) + b"\xff"
