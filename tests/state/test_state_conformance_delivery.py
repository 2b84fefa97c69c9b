"""How every State lets messages go: each case runs against the store on disk and against the fake."""

from dataclasses import replace

import pytest

from poller.core.shops import ShopSet, Source
from poller.ports import Buried, Commit, Delivery, OutboxSize, Suppressed
from tests.state.builders import AT, LARGE, SECOND, AnyState, id_of, live, message, messages, waiting

# ---------------------------------------------------------------- pending


def test_the_live_lane_goes_first_then_the_oldest(state: AnyState) -> None:
    for number, lane in enumerate(["backfill-2", "backfill-1", "live", "backfill-2", "live", "zoo"], start=1):
        state.commit(Commit(lane=lane, at=AT, outgoing=[message(number)]))
    assert waiting(state) == [3, 5, 1, 2, 4, 6]
    assert [p.key for p in state.pending(limit=4, max_bytes=LARGE)] == [3, 5, 1, 2]
    assert [p.key for p in state.pending(limit=1, max_bytes=LARGE)] == [3]


@pytest.mark.parametrize(
    ("max_bytes", "expected"),
    [(1, [1]), (20, [1]), (21, [1, 2]), (30, [1, 2]), (31, [1, 2, 3]), (40, [1, 2, 3]), (41, [1, 2, 3, 4])],
)
def test_a_batch_stays_below_its_bytes_but_holds_one(state: AnyState, max_bytes: int, expected: list[int]) -> None:
    state.commit(live(1, 2, 3, 4, text="é" * 5))
    assert [p.key for p in state.pending(limit=9, max_bytes=max_bytes)] == expected


def test_a_long_message_is_not_overtaken(state: AnyState) -> None:
    state.commit(Commit(lane="live", at=AT, outgoing=[message(1), message(2, text="x" * 500), message(3)]))
    assert [p.key for p in state.pending(limit=9, max_bytes=100)] == [1]


def test_a_source_gets_the_messages_of_its_shops_in_their_order(state: AnyState) -> None:
    for number, (lane, shop) in enumerate(
        [("backfill-1", 2), ("live", 3), ("live", 2), ("live", 1), ("live", 2), ("backfill-1", 3)], start=1
    ):
        state.commit(Commit(lane=lane, at=AT, outgoing=[message(number, shop_id=shop)]))
    second, rest = Source("shop 2", ShopSet(only=frozenset({2}))), Source("default", ShopSet(but=frozenset({2})))
    assert [p.key for p in state.pending(limit=9, max_bytes=LARGE, source=second)] == [3, 5, 1]
    assert [p.key for p in state.pending(limit=2, max_bytes=LARGE, source=second)] == [3, 5]
    assert [p.key for p in state.pending(limit=9, max_bytes=LARGE, source=rest)] == [2, 4, 6]
    assert waiting(state) == [2, 3, 4, 5, 1, 6]


# ---------------------------------------------------------------- delivered and buried


def test_delivered_twice_is_as_once(state: AnyState) -> None:
    state.commit(live(1, 2))
    batch = state.pending(limit=1, max_bytes=LARGE)
    state.delivered(batch, AT)
    state.delivered(batch, AT + SECOND)
    state.delivered([*batch, *batch], AT + SECOND)
    state.delivered([], AT)
    assert waiting(state) == [2]
    assert state.known([id_of(1)]) == {id_of(1)}


def test_a_buried_message_waits_no_more_and_keeps_its_first_reason(state: AnyState) -> None:
    state.commit(live(1, 2))
    first, _ = state.pending(limit=9, max_bytes=LARGE)
    state.bury(first, reason="too large", at=AT + SECOND)
    state.bury(first, reason="again", at=AT + 2 * SECOND)
    assert waiting(state) == [2]
    assert state.buried(9) == [
        Buried(
            seq=first.seq,
            message_id=id_of(1),
            name="Order Completed",
            thing="order",
            key=1,
            text='{"number":1}',
            reason="too large",
            buried_at=AT + SECOND,
        )
    ]


def test_what_was_delivered_cannot_be_buried(state: AnyState) -> None:
    state.commit(live(1))
    batch = state.pending(limit=1, max_bytes=LARGE)
    state.delivered(batch, AT)
    state.bury(batch[0], reason="late", at=AT)
    assert state.buried(9) == []
    assert state.known([id_of(1)]) == {id_of(1)}


def bury_all(state: AnyState) -> list[int]:
    found = state.pending(limit=LARGE, max_bytes=LARGE)
    for pending in found:
        state.bury(pending, reason="no", at=AT)
    return [pending.seq for pending in found]


def test_dead_letters_can_be_listed_and_replayed_to_their_old_place(state: AnyState) -> None:
    state.commit(live(1, 2, 3))
    seqs = bury_all(state)
    state.commit(live(4))
    assert [b.key for b in state.buried(2)] == [1, 2]
    assert [b.key for b in state.buried(9, seqs=seqs[1:])] == [2, 3]
    assert state.replay(seqs[1:2]) == 1
    assert waiting(state) == [2, 4]
    assert state.replay() == 2
    assert waiting(state) == [1, 2, 3, 4]
    assert state.replay() == 0


def test_a_dropped_dead_letter_is_gone_but_never_sent_again(state: AnyState) -> None:
    state.commit(live(1, 2))
    seqs = bury_all(state)
    assert state.drop(seqs[:1]) == 1
    assert state.drop(seqs[:1]) == 0
    assert [b.key for b in state.buried(9)] == [2]
    assert state.replay(seqs) == 1
    assert state.commit(live(1)) == 0
    assert waiting(state) == [2]


def test_only_dead_letters_can_be_dropped(state: AnyState) -> None:
    state.commit(live(1))
    (pending,) = state.pending(limit=1, max_bytes=LARGE)
    assert state.drop([pending.seq]) == 0
    assert waiting(state) == [1]


# ---------------------------------------------------------------- suppressed


def erase(customer_id: int, reason: str = "erased") -> Commit:
    return Commit(lane="live", at=AT, suppressed=[Suppressed(customer_id=customer_id, reason=reason)])


def test_suppressing_a_customer_purges_what_waits_and_what_is_buried(state: AnyState) -> None:
    state.commit(live(1, 2, customer_id=7))
    state.bury(state.pending(limit=1, max_bytes=LARGE)[0], reason="no", at=AT)
    state.commit(live(3, customer_id=8))
    state.commit(live(4))
    state.commit(erase(7))
    assert (waiting(state), state.buried(9)) == ([3, 4], [])
    assert state.suppressed() == {7: "erased"}


def test_nothing_of_a_suppressed_customer_is_admitted_in_any_lane(state: AnyState) -> None:
    state.commit(erase(7))
    page = [message(1, customer_id=7), message(2, customer_id=8), message(3)]
    assert state.commit(Commit(lane="backfill-1", at=AT, outgoing=page)) == 2
    assert waiting(state) == [2, 3]


def test_suppression_counts_for_the_messages_of_its_own_page(state: AnyState) -> None:
    page = replace(erase(7), outgoing=[message(1, customer_id=7), message(2)])
    assert state.commit(page) == 1
    assert waiting(state) == [2]


def test_the_latest_reason_holds(state: AnyState) -> None:
    state.commit(erase(7, "internal"))
    state.commit(erase(7, "erased"))
    assert state.suppressed() == {7: "erased"}


def test_what_was_purged_while_it_was_sent_is_known_as_sent(state: AnyState) -> None:
    state.commit(live(1, customer_id=7))
    batch = state.pending(limit=1, max_bytes=LARGE)
    state.commit(erase(7))
    assert state.known([id_of(1)]) == set()
    state.delivered(batch, AT)
    assert state.known([id_of(1)]) == {id_of(1)}


# ---------------------------------------------------------------- delivery and size


def test_delivery_starts_well_and_is_kept_whole(state: AnyState) -> None:
    assert state.delivery() == Delivery()
    stopped = Delivery(attempts=3, not_before=AT, stopped=True, reason="401", since=AT - SECOND)
    state.set_delivery(stopped)
    assert state.delivery() == stopped
    state.set_delivery(Delivery())
    assert state.delivery() == Delivery()


def test_the_outbox_is_counted(state: AnyState) -> None:
    assert state.outbox_size() == OutboxSize(pending=0, buried=0, oldest_at=None, by_lane={})
    state.commit(Commit(lane="backfill-1", at=AT, outgoing=messages(1, 2)))
    state.commit(Commit(lane="live", at=AT + SECOND, outgoing=messages(3, 4)))
    state.bury(state.pending(limit=1, max_bytes=LARGE)[0], reason="no", at=AT)
    assert state.outbox_size() == OutboxSize(pending=3, buried=1, oldest_at=AT, by_lane={"live": 1, "backfill-1": 2})
    state.delivered(state.pending(limit=9, max_bytes=LARGE), AT)
    assert state.outbox_size() == OutboxSize(pending=0, buried=1, oldest_at=None, by_lane={})


def test_delivery_stands_for_each_source_by_itself(state: AnyState) -> None:
    stopped = Delivery(attempts=1, not_before=AT, stopped=True, reason="401", since=AT)
    state.set_delivery(stopped, "shop 2")
    assert (state.delivery(), state.delivery("shop 2"), state.delivery("shop 3")) == (Delivery(), stopped, Delivery())
