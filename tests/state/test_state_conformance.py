"""What every State must keep: each case runs against the store on disk and against the fake of the engine's tests."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from poller.core.blocks import BlockSum, SweptBlock, SweptSum
from poller.errors import BugError
from poller.ports import Commit, Pending, Remembered, State
from tests.state.builders import AT, LARGE, SECOND, AnyState, id_of, live, memory, message, waiting


def test_is_a_state(state: AnyState) -> None:
    port: State = state
    assert port.marks("live") == {}


# ---------------------------------------------------------------- meta and marks


def test_meta_is_none_until_set_and_then_the_last_value(state: AnyState) -> None:
    assert state.meta("namespace") is None
    state.set_meta("namespace", "a")
    state.set_meta("namespace", "b")
    assert state.meta("namespace") == "b"


def test_claiming_a_meta_value_keeps_the_first(state: AnyState) -> None:
    assert state.claim_meta("start_from", "2024") == "2024"
    assert state.claim_meta("start_from", "2025") == "2024"
    assert state.meta("start_from") == "2024"


def test_marks_belong_to_their_lane_and_the_last_one_holds(state: AnyState) -> None:
    state.commit(Commit(lane="live", at=AT, marks={"orders": "1", "carts": "2"}))
    state.commit(Commit(lane="backfill-1", at=AT, marks={"orders": "9"}))
    state.commit(Commit(lane="live", at=AT, marks={"orders": "3"}))
    assert state.marks("live") == {"orders": "3", "carts": "2"}
    assert state.marks("backfill-1") == {"orders": "9"}
    assert state.marks("backfill-2") == {}


# ---------------------------------------------------------------- blocks of the sweep


def block(thing: str, number: int, **changes: Any) -> SweptBlock:
    """A block of two rows."""
    rows = {number * 1000 + 1: b"12345678", number * 1000 + 7: b"abcdefgh"}
    whole = SweptBlock(
        thing=thing,
        number=number,
        sum=BlockSum(2, b"\0\1\2\3\4\5\6\7", b"below..."),
        states=5_000_000_000,
        refunds=b"refunds.",
        rows=rows,
        read_at=AT,
    )
    return replace(whole, **changes)


def test_a_block_comes_back_as_it_was_stored_last(state: AnyState) -> None:
    first = block("order", 3)
    later = block("order", 3, sum=None, states=None, refunds=None, rows={3_001: b"another!"}, doubted_at=AT + SECOND)
    for stored in (first, later):
        state.commit(Commit(lane="live", at=AT, swept=[stored, block("customer", 3)]))
        assert state.blocks.get("order", 3) == stored
        assert state.blocks.sums("order", first=0, last=9) == {3: SweptSum(stored.sum, stored.states, stored.refunds)}
    assert state.blocks.get("order", 4) is None
    assert state.blocks.get("customer", 3) == block("customer", 3)


def test_sums_are_of_the_span_that_was_asked_for(state: AnyState) -> None:
    state.commit(Commit(lane="live", at=AT, swept=[block("order", number) for number in (1, 2, 5)]))
    assert set(state.blocks.sums("order", first=2, last=5)) == {2, 5}
    assert state.blocks.sums("order", first=3, last=4) == {}


def test_when_a_row_was_read_is_known_of_those_that_were_there(state: AnyState) -> None:
    state.commit(Commit(lane="live", at=AT, swept=[block("order", 0), block("order", 2, read_at=AT + SECOND)]))
    found = state.blocks.read_at("order", [1, 2, 7, 2_007, 9_001])
    assert found == {1: AT, 7: AT, 2_007: AT + SECOND}
    assert state.blocks.read_at("customer", [1]) == {}


def test_the_highest_block_and_forgetting(state: AnyState) -> None:
    assert state.blocks.highest("order") == -1
    state.commit(Commit(lane="live", at=AT, swept=[block("order", 4), block("customer", 9)]))
    assert state.blocks.highest("order") == 4
    state.blocks.forget("customer")
    assert (state.blocks.highest("customer"), state.blocks.highest("order")) == (-1, 4)


# ---------------------------------------------------------------- memory


def test_recall_finds_what_was_remembered_and_nothing_else(state: AnyState) -> None:
    state.commit(Commit(lane="live", at=AT, memories=[memory(1, body="one", digest=b"\0\1"), memory(2, body="é")]))
    assert state.recall([("order", 1), ("order", 2), ("order", 3), ("cart", 1)]) == {
        ("order", 1): Remembered("one", b"\0\1"),
        ("order", 2): Remembered("é", None),
    }


def test_what_is_forgotten_leaves_nothing_and_nothing_else_goes(state: AnyState) -> None:
    state.commit(Commit(lane="live", at=AT, memories=[memory(1), memory(2, again=AT), memory(3, again=AT)]))
    state.commit(Commit(lane="live", at=AT, forgotten=[("order", 1), ("order", 2), ("cart", 3), ("order", 99)]))
    assert set(state.recall([("order", 1), ("order", 2), ("order", 3)])) == {("order", 3)}
    assert state.due(AT, 9) == [("order", 3)]
    assert state.lately("order", 9) == [3]


def test_a_memory_without_a_digest_keeps_the_stored_one(state: AnyState) -> None:
    state.commit(Commit(lane="live", at=AT, memories=[memory(1, body="a", digest=b"old")]))
    state.commit(Commit(lane="live", at=AT, memories=[memory(1, body="b")]))
    assert state.recall([("order", 1)]) == {("order", 1): Remembered("b", b"old")}
    state.commit(Commit(lane="live", at=AT, memories=[memory(1, body="c", digest=b"new")]))
    assert state.recall([("order", 1)]) == {("order", 1): Remembered("c", b"new")}


def test_of_two_memories_of_one_thing_in_a_page_the_last_holds(state: AnyState) -> None:
    state.commit(Commit(lane="live", at=AT, memories=[memory(1, body="a", digest=b"d"), memory(1, body="b")]))
    assert state.recall([("order", 1)]) == {("order", 1): Remembered("b", b"d")}


def test_due_gives_the_longest_waiting_first_up_to_now(state: AnyState) -> None:
    state.commit(
        Commit(
            lane="live",
            at=AT,
            memories=[
                memory(1, again=AT + SECOND),
                memory(2, again=AT),
                memory(3, again=AT + 2 * SECOND),
                memory(4),
                memory(1, thing="cart", again=AT + SECOND),
            ],
        )
    )
    assert state.due(AT + SECOND, 10) == [("order", 2), ("cart", 1), ("order", 1)]
    assert state.due(AT + SECOND, 2) == [("order", 2), ("cart", 1)]
    assert state.due(AT - timedelta(microseconds=1), 10) == []


def test_a_thing_that_no_longer_asks_is_no_longer_due(state: AnyState) -> None:
    state.commit(Commit(lane="live", at=AT, memories=[memory(1, again=AT)]))
    state.commit(Commit(lane="live", at=AT, memories=[memory(1)]))
    assert state.due(AT, 10) == []


def test_lately_gives_the_newest_first_of_one_kind(state: AnyState) -> None:
    touched = [memory(key, touched_at=AT + second * SECOND) for key, second in [(1, 5), (2, 9), (3, 9), (4, 1)]]
    state.commit(Commit(lane="live", at=AT, memories=[*touched, memory(7, thing="cart")]))
    assert state.lately("order", 3) == [3, 2, 1]
    assert state.lately("cart", 3) == [7]
    assert state.lately("customer", 3) == []


def test_remembered_pages_through_the_keys_of_one_kind(state: AnyState) -> None:
    state.commit(Commit(lane="live", at=AT, memories=[*map(memory, (30, 4, 100)), memory(5, thing="cart")]))
    assert state.remembered("order", after=0, limit=2) == [4, 30]
    assert state.remembered("order", after=30, limit=2) == [100]
    assert state.remembered("order", after=100, limit=2) == []


def test_thousands_of_keys_and_ids_are_no_trouble(state: AnyState) -> None:
    keys = range(1, 2_302)
    commit = live(*keys)
    assert state.commit(replace(commit, memories=[memory(key) for key in keys])) == 2_301
    assert len(state.recall([("order", key) for key in range(1, 4_000)])) == 2_301
    assert state.known([id_of(key) for key in range(1, 4_000)]) == {id_of(key) for key in keys}
    batch = state.pending(limit=5_000, max_bytes=LARGE)
    assert [pending.key for pending in batch] == list(keys)
    state.delivered(batch, AT)
    assert state.commit(commit) == 0


# ---------------------------------------------------------------- commit


def test_a_message_is_new_once(state: AnyState) -> None:
    assert state.commit(live(1, 2)) == 2
    assert state.commit(live(2, 3, text="later")) == 1
    assert [(p.key, p.text) for p in state.pending(limit=9, max_bytes=LARGE)] == [
        (1, '{"number":1}'),
        (2, '{"number":2}'),
        (3, "later"),
    ]


def test_a_message_twice_in_one_page_is_one(state: AnyState) -> None:
    assert state.commit(live(1, 1)) == 1
    assert waiting(state) == [1]


def test_known_names_what_waits_what_is_buried_and_what_was_delivered(state: AnyState) -> None:
    state.commit(live(1, 2, 3))
    first, second, _ = state.pending(limit=9, max_bytes=LARGE)
    state.delivered([first], AT)
    state.bury(second, reason="no", at=AT)
    assert state.known([id_of(1), id_of(2), id_of(3), id_of(4)]) == {id_of(1), id_of(2), id_of(3)}
    assert state.commit(live(1, 2, 3)) == 0


def test_a_pending_message_is_what_was_committed(state: AnyState) -> None:
    text = '{"name":"Zoë 🛒"}'
    state.commit(Commit(lane="backfill-1", at=AT, outgoing=[message(1, name="identify", thing="customer", text=text)]))
    assert state.pending(limit=9, max_bytes=LARGE) == [
        Pending(
            seq=1,
            message_id=id_of(1),
            lane="backfill-1",
            name="identify",
            thing="customer",
            key=1,
            text=text,
            created_at=AT,
        )
    ]


def test_times_come_back_as_utc_to_the_microsecond(state: AnyState) -> None:
    elsewhere = datetime(2023, 12, 31, 23, 59, 59, 999_999, tzinfo=timezone(timedelta(hours=-7)))
    state.commit(replace(live(1), at=elsewhere))
    (pending,) = state.pending(limit=1, max_bytes=LARGE)
    assert pending.created_at.isoformat() == "2024-01-01T06:59:59.999999+00:00"


def test_a_page_with_a_naive_time_is_a_bug_and_leaves_nothing(state: AnyState) -> None:
    naive = AT.replace(tzinfo=None)
    page = replace(live(1), memories=[memory(1, touched_at=naive)], marks={"orders": "1"})
    with pytest.raises(BugError, match="naive time"):
        state.commit(page)
    assert (waiting(state), state.recall([("order", 1)]), state.marks("live")) == ([], {}, {})
