"""What is sent a second time goes past the ledger, and past nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from poller.engine.audit.books import Told
from poller.ports import Commit, Suppressed
from poller.state.store import StateStore, open_state
from tests.state.builders import AT, LARGE, SECOND, id_of, live, message, messages, waiting

IDS = [id_of(number) for number in range(1, 7)]
AGAIN = replace(live(1, 2, 3, 4, 5, 6), lane="replay x")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    """1 and 2 are delivered, 3 waits, 4 is a dead letter, 5 was dropped, 6 was never seen."""
    with open_state(f"sqlite:///{tmp_path}/state.db") as opened:
        opened.commit(live(1, 2))
        opened.delivered(opened.pending(limit=LARGE, max_bytes=LARGE), AT)
        opened.commit(live(3, 4, 5))
        _, *others = opened.pending(limit=LARGE, max_bytes=LARGE)
        for other in others:
            opened.bury(other, reason="400", at=AT)
        opened.drop([others[1].seq])
        yield opened


def test_only_what_the_ledger_has_was_delivered(store: StateStore) -> None:
    assert store.again.delivered(IDS, AT + SECOND) == {id_of(1), id_of(2)}
    assert store.again.delivered(IDS, AT.replace(microsecond=0)) == set()


def test_it_goes_into_the_outbox_and_out_of_it_as_ever(store: StateStore) -> None:
    assert store.again.commit(AGAIN) == 3
    assert waiting(store) == [3, 1, 2, 6], "live first, and none that is buried or dropped"
    assert store.again.delivered(IDS, AT + SECOND) == set(), "what is on its way is not sent a third time"
    assert store.again.commit(AGAIN) == 0
    before = store.ledger_size()
    tomorrow = AT + timedelta(days=1)
    store.delivered(store.pending(limit=LARGE, max_bytes=LARGE), tomorrow)
    assert store.ledger_size() == before + 2
    assert waiting(store) == []
    assert store.fates([id_of(1)])[id_of(1)].at == tomorrow.replace(microsecond=0)
    assert store.again.delivered(IDS, tomorrow) == set(), "what was sent again since then"
    assert store.again.delivered(IDS, tomorrow + SECOND) == {id_of(number) for number in (1, 2, 3, 6)}


def test_no_door_but_this_lets_it_through(store: StateStore) -> None:
    assert store.commit(live(1, 2)) == 0
    store.again.commit(AGAIN)
    assert store.commit(live(1, 2, 6)) == 0


def test_marks_are_kept_and_silent_customers_stay_silent(store: StateStore) -> None:
    store.commit(Commit(lane="live", at=AT, suppressed=[Suppressed(customer_id=7, reason="erased")]))
    page = [*messages(1), message(2, customer_id=7)]
    assert store.again.commit(Commit(lane="replay x", at=AT, outgoing=page, marks={"orders": "1"})) == 1
    assert store.marks("replay x") == {"orders": "1"}


def test_the_audit_counts_a_message_once_while_it_waits_to_be_sent_again(store: StateStore) -> None:
    def told() -> list[Told]:
        with store.books() as books:
            return list(books.told("order", ["Order Completed"]))

    before = told()
    store.again.commit(replace(live(1, 2), lane="replay x"))
    assert told() == before


def test_the_ledger_counts_the_facts_of_a_period(store: StateStore) -> None:
    assert store.again.count(AT.replace(microsecond=0), AT + SECOND) == 2
    assert store.again.count(AT + SECOND, AT + 2 * SECOND) == 0
    assert store.again.count(AT - SECOND, AT.replace(microsecond=0)) == 0
