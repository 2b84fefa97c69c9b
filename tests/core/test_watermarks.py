"""The gap algorithm, against a model of a database whose ids commit out of order."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from poller.core.feeds import Change, Reading
from poller.core.marks import dump_tail, load_tail
from poller.core.watermarks import (
    MAX_GAPS,
    MAX_SPANS,
    Gap,
    Span,
    Watermark,
    advance,
    examine,
    is_intact,
    new_gaps,
    resumed,
    spans,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
TTL = timedelta(hours=24)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def row(number: int) -> Change:
    return Change(number, number, f"stamp {number}")


def reading(now: float, horizon: float | None) -> Reading:
    return Reading(at(now), None if horizon is None else at(horizon))


def step(
    mark: Watermark, tail: list[Change], *, found: Sequence[Change] = (), now: float, horizon: float | None
) -> tuple[Watermark, list[int]]:
    clock = reading(now, horizon)
    looked = spans(mark, clock.now)
    after, fresh = advance(mark, tail, looked=looked, found=found, reading=clock, noticed_at=at(now + 0.1), gap_ttl=TTL)
    return after, [change.mark_id for change in fresh]


def test_an_id_that_commits_late_is_found_in_its_gap() -> None:
    mark, fresh = step(Watermark(100), [row(101), row(103)], now=0, horizon=0)
    assert fresh == [101, 103]
    assert [(gap.first, gap.last) for gap in mark.gaps] == [(102, 102)]

    mark, fresh = step(mark, [row(103)], found=[row(102)], now=2, horizon=0)
    assert fresh == [102]
    assert mark.gaps == ()


def test_a_gap_closes_only_when_every_transaction_that_could_own_it_has_ended() -> None:
    mark, _ = step(Watermark(100), [row(102)], now=0, horizon=0)
    mark, _ = step(mark, [row(102)], now=60, horizon=0)
    assert len(mark.gaps) == 1, "a transaction older than the gap still runs"
    mark, _ = step(mark, [row(102)], now=70, horizon=5.1)
    assert len(mark.gaps) == 1, "trx_started has whole seconds: the margin is not passed yet"
    mark, _ = step(mark, [row(102)], now=90, horizon=5.2)
    assert mark.gaps == ()


def test_a_gap_is_dated_after_the_read_that_noticed_it() -> None:
    """Its owner may have begun between an earlier look at the clock and the read."""
    mark, _ = step(Watermark(100), [row(102)], now=0, horizon=0)
    assert mark.gaps[0].since == at(0.1)


def test_without_a_horizon_a_gap_is_kept_for_its_time_to_live() -> None:
    mark, _ = step(Watermark(100), [row(102)], now=0, horizon=None)
    mark, _ = step(mark, [row(102)], now=TTL.total_seconds() - 10, horizon=None)
    assert len(mark.gaps) == 1
    mark, _ = step(mark, [row(102)], now=TTL.total_seconds() + 700, horizon=None)
    assert mark.gaps == ()


def test_old_gaps_are_looked_up_ever_less_often_but_at_least_every_ten_minutes() -> None:
    young = Gap(5, 5, since=at(0), looked=at(8))
    assert not young.is_due(at(8.9))
    assert young.is_due(at(9))
    old = Gap(5, 5, since=at(0), looked=at(80_000))
    assert not old.is_due(at(80_599))
    assert old.is_due(at(80_600))


def test_a_gap_that_is_partly_filled_keeps_the_rest() -> None:
    mark, _ = step(Watermark(0), [row(10)], now=0, horizon=0)
    mark, fresh = step(mark, [row(10)], found=[row(3), row(7)], now=1, horizon=0)
    assert fresh == [3, 7]
    assert [(gap.first, gap.last) for gap in mark.gaps] == [(1, 2), (4, 6), (8, 9)]


def test_a_mark_that_goes_back_has_no_gaps_above_it() -> None:
    """Its newest rows were deleted: what lies above is read again, and skipped ids are noticed anew, once each."""
    gaps = (Gap(11, 12, at(0), at(0)), Gap(14, 18, at(0), at(0)), Gap(21, 29, at(0), at(0)))
    known = ((13, "stamp 13"), (20, "stamp 20"), (30, "stamp 30"))
    back = examine(Watermark(30, gaps=gaps, known=known), [row(13)], permanent=False)
    assert (back.seen, [(gap.first, gap.last) for gap in back.gaps]) == (13, [(11, 12)])
    inside = examine(Watermark(30, gaps=gaps, known=((17, "stamp 17"), (30, "stamp 30"))), [], permanent=False)
    assert (inside.seen, [(gap.first, gap.last) for gap in inside.gaps]) == (16, [(11, 12), (14, 16)])
    after, fresh = step(back, [row(13), row(19), row(31)], now=1, horizon=0)
    assert fresh == [19, 31]
    assert [(gap.first, gap.last) for gap in after.gaps] == [(11, 12), (14, 18), (20, 30)]


@pytest.mark.timeout(20)
def test_gaps_that_overlap_are_read_all_the_same() -> None:
    """A state store may hold such, from versions that did not part them."""
    gaps = tuple(Gap(first, first + 9, at(0), at(0)) for first in range(1, 5 * MAX_SPANS, 3))
    reads = spans(Watermark(1_000, gaps=gaps), at(1))
    assert len(reads) <= MAX_SPANS
    assert all(any(read.after < gap.first and gap.last <= read.until for read in reads) for gap in gaps)


@pytest.mark.parametrize("looked", [Span(4, 7), Span(6, 10), Span(0, 4), Span(10, 20)])
def test_a_gap_that_was_not_looked_up_whole_stays_whole(looked: Span) -> None:
    """Though its owner has ended: the row may stand in the part that nobody read."""
    mark = Watermark(20, gaps=(Gap(5, 10, since=at(0), looked=at(0)),))
    clock = reading(100, 100)
    after, fresh = advance(mark, [row(20)], looked=[looked], found=[], reading=clock, noticed_at=clock.now, gap_ttl=TTL)
    assert after.gaps == mark.gaps
    assert fresh == ()


def test_many_gaps_share_few_reads_that_cover_them_all() -> None:
    gaps = tuple(Gap(n, n + 1, at(0), at(0)) for n in range(2, 3_000, 3))
    reads = spans(Watermark(3_000, gaps), at(1))
    assert len(reads) <= MAX_SPANS
    assert all(any(read.after < gap.first and gap.last <= read.until for read in reads) for gap in gaps)


def test_more_gaps_than_can_be_kept_apart_are_folded_into_one_that_is_read_whole() -> None:
    numbers = range(2, 2 * MAX_GAPS + 10, 2)
    mark, _ = step(Watermark(0), [row(number) for number in numbers], now=0, horizon=0)
    assert len(mark.gaps) <= MAX_GAPS // 2 + 10
    folded = mark.gaps[0]
    assert folded.whole
    assert folded.first == 1
    assert all(before.last < after.first for before, after in pairwise(mark.gaps)), "no id is in two gaps"
    after, late = advance(
        mark,
        [],
        looked=[Span(0, folded.last)],
        found=[row(1), row(2)],
        reading=reading(1, 0),
        noticed_at=at(1),
        gap_ttl=TTL,
    )
    assert [change.mark_id for change in late] == [1, 2]
    assert after.gaps[0].whole


def test_a_restored_table_stops_its_feed() -> None:
    mark, _ = step(Watermark(0), [row(1), row(2), row(3)], now=0, horizon=0)
    assert is_intact(mark, [row(3), row(4)])
    assert not is_intact(mark, [Change(3, 3, "another stamp")])
    assert not is_intact(mark, [])
    replaced = examine(mark, [row(1), row(2), Change(3, 3, "another stamp")], permanent=True)
    assert "another one" in replaced.stopped
    truncated = examine(mark, [], permanent=True)
    assert "are gone" in truncated.stopped


def test_a_stopped_feed_goes_on_by_itself_only_if_all_it_knew_stands_again() -> None:
    mark, _ = step(Watermark(0), [row(1), row(2), row(3)], now=0, horizon=0)
    stopped = examine(mark, [], permanent=True)
    assert resumed(stopped, [row(1), row(2)]) == stopped
    assert resumed(stopped, [row(1), row(2), Change(3, 3, "another stamp")]) == stopped
    assert resumed(stopped, [row(1), row(2), row(3)]) == mark
    assert resumed(replace(stopped, known=()), [row(1)]).stopped
    reused = replace(mark, vanished=((4, "stamp"),), stopped="id 4 was used before and is used again")
    assert resumed(reused, [row(1), row(2), row(3), row(4)]) == reused, "its id names another row now"


def test_a_deleted_newest_row_stops_nothing_but_its_id_must_not_come_again() -> None:
    mark, _ = step(Watermark(0), [row(1), row(2), row(3)], now=0, horizon=0)
    mark = examine(mark, [row(1), row(2)], permanent=True)
    assert mark.stopped == ""
    assert mark.seen == 2
    after, fresh = step(mark, [row(2), row(4)], now=1, horizon=1)
    assert fresh == [4]
    assert after.stopped == ""
    again, fresh = step(mark, [row(2), Change(3, 3, "another stamp")], now=1, horizon=1)
    assert fresh == []
    assert "used again" in again.stopped


def test_customers_may_be_deleted_and_their_ids_reused() -> None:
    mark, _ = step(Watermark(0), [row(1), row(2)], now=0, horizon=0)
    mark = examine(mark, [], permanent=False)
    assert (mark.stopped, mark.seen) == ("", 0)
    _, fresh = step(mark, [Change(1, 1, "another stamp")], now=1, horizon=1)
    assert fresh == [1]


@pytest.mark.parametrize(
    "mark",
    [
        Watermark(0),
        Watermark(5, (Gap(1, 2, at(0), at(1.5)), Gap(4, 4, at(3), at(3), whole=True)), ((5, "x"),)),
        Watermark(5, known=((5, "x"),), vanished=((6, "y"),), stopped="restored"),
    ],
)
def test_a_watermark_survives_its_checkpoint(mark: Watermark) -> None:
    assert load_tail(dump_tail(mark)) == mark


@dataclass
class Transaction:
    begun: float
    ids: list[int] = field(default_factory=list)


class OutOfOrderCommits(RuleBasedStateMachine):
    """Writers take ids, stay open, commit or roll back in any order; no committed row may be missed, ever."""

    transactions = Bundle("transactions")

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.next_id = 1
        self.active: list[Transaction] = []
        self.committed: set[int] = set()
        self.reported: set[int] = set()
        self.mark = Watermark(0)

    @rule(target=transactions)
    def begin(self) -> Transaction:
        transaction = Transaction(self.now)
        self.active.append(transaction)
        return transaction

    @rule(transaction=transactions, count=st.integers(1, 3))
    def insert(self, transaction: Transaction, count: int) -> None:
        if transaction in self.active:
            transaction.ids += range(self.next_id, self.next_id + count)
            self.next_id += count

    @rule(transaction=consumes(transactions), is_kept=st.booleans())
    def end(self, transaction: Transaction, is_kept: bool) -> None:
        if transaction in self.active:
            self.active.remove(transaction)
            if is_kept:
                self.committed.update(transaction.ids)

    @rule(seconds=st.sampled_from([0.01, 0.4, 1.0, 4.0, 30.0, 700.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(limit=st.integers(2, 50), is_cut=st.booleans())
    def poll(self, limit: int, is_cut: bool) -> None:
        """`is_cut`: a crash before the commit, so the mark stays where it was."""
        whole_seconds = [float(int(transaction.begun)) for transaction in self.active]
        clock = reading(self.now, min(whole_seconds, default=self.now))
        rows = sorted(self.committed)
        tail = [row(n) for n in rows if n > self.mark.resume_after][:limit]
        looked, found = [], []
        for span in spans(self.mark, clock.now):
            hits = [row(n) for n in rows if span.after < n <= span.until][:limit]
            found += hits
            looked.append(Span(span.after, hits[-1].mark_id) if len(hits) == limit else span)
        self.now += 0.05
        after, fresh = advance(
            self.mark,
            tail,
            looked=looked,
            found=found,
            reading=clock,
            noticed_at=at(self.now),
            gap_ttl=TTL,
        )
        if not is_cut:
            self.mark = load_tail(dump_tail(after))
            self.reported.update(change.mark_id for change in fresh)

    @invariant()
    def nothing_committed_is_given_up(self) -> None:
        for number in self.committed - self.reported:
            in_gap = any(gap.first <= number <= gap.last for gap in self.mark.gaps)
            assert number > self.mark.seen or in_gap, f"{number} can never be found again"

    @invariant()
    def gaps_are_below_the_mark_and_apart(self) -> None:
        bounds = sorted((gap.first, gap.last) for gap in self.mark.gaps)
        assert all(first <= last <= self.mark.seen for first, last in bounds)
        assert all(one[1] < other[0] for one, other in pairwise(bounds))


TestOutOfOrderCommits = OutOfOrderCommits.TestCase
TestOutOfOrderCommits.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)


def test_new_gaps_are_what_a_page_skips() -> None:
    assert new_gaps(Watermark(10), [row(10), row(11), row(15)]) == ((12, 14),)
