"""Watermarks and gaps: how an increasing id becomes a feed that loses no row, though ids commit out of order.

An auto-increment id is handed out before its transaction commits, so 101 may be visible while 100 is not. The
watermark is therefore the highest id seen *and* the ids missing below it. A missing id is given up only when every
transaction that could own it has ended and a snapshot taken after that still lacks it (docs/explanation/delivery.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from poller.core.feeds import Change, Reading

MARGIN = timedelta(seconds=5)
"""trx_started has whole seconds, and an id may be handed out moments before its transaction is registered."""
MAX_GAPS = 10_000
MAX_SPANS = 16
MAX_PAUSE = timedelta(minutes=10)
REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing ids `first..last`, noticed at `since` (the database's clock, read after), last looked up at `looked`.

    `whole`: too many gaps were folded into this one; every row in it counts as touched at each look.
    """

    first: int
    last: int
    since: datetime
    looked: datetime
    whole: bool = False

    def is_due(self, now: datetime) -> bool:
        """Look at young gaps at every poll, at old ones ever less often, at least every ten minutes."""
        return now - self.looked >= min((self.looked - self.since) / 8, MAX_PAUSE)


@dataclass(frozen=True, slots=True)
class Span:
    """Ids `after < id <= until` to be read again."""

    after: int
    until: int


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a table was read.

    `seen` is the highest id seen, `gaps` the missing ones below it, `known` the newest rows seen with their stamps,
    `vanished` known rows that are gone; `stopped` says why the table cannot be trusted any more.
    """

    seen: int
    gaps: tuple[Gap, ...] = ()
    known: tuple[tuple[int, str], ...] = ()
    vanished: tuple[tuple[int, str], ...] = ()
    stopped: str = ""

    @property
    def resume_after(self) -> int:
        """Where the next page begins: the newest known row is read again, to see that it is still the same."""
        return self.known[-1][0] - 1 if self.known else self.seen


def spans(mark: Watermark, now: datetime) -> tuple[Span, ...]:
    """The reads that look up every due gap: near gaps share a read, so that their number stays small."""
    due = sorted((Span(gap.first - 1, gap.last) for gap in mark.gaps if gap.is_due(now)), key=lambda span: span.after)
    while len(due) > MAX_SPANS:
        nearest = min(later.after - span.until for span, later in pairwise(due))
        cutoff = 2 * max(nearest, 0)
        merged = [due[0]]
        for span in due[1:]:
            if span.after - merged[-1].until <= cutoff:
                merged[-1] = Span(merged[-1].after, max(merged[-1].until, span.until))
            else:
                merged.append(span)
        due = merged
    return tuple(due)


def is_intact(mark: Watermark, tail: Sequence[Change]) -> bool:
    """Whether the newest known row still stands where it stood."""
    if not mark.known:
        return True
    return bool(tail) and (tail[0].mark_id, tail[0].stamp) == mark.known[-1]


def examine(mark: Watermark, present: Iterable[Change], *, permanent: bool) -> Watermark:
    """Decide what it means that the newest known row is gone or different, given the rows in its neighbourhood.

    Some rows deleted: go on from those that stand, and remember the others, so that a reused id is noticed; gaps above
    are noticed anew, since all above is read again. All of them gone, or one replaced, in a table PrestaShop never
    deletes from: the table was restored, truncated or restarted, and the feed stops; its ids no longer name what they
    named.
    """
    rows = {change.mark_id: change.stamp for change in present}
    standing = tuple((key, stamp) for key, stamp in mark.known if rows.get(key) == stamp)
    replaced = [key for key, stamp in mark.known if key in rows and rows[key] != stamp]
    gone = tuple((key, stamp) for key, stamp in mark.known if key not in rows)
    if permanent and replaced:
        return replace(mark, stopped=f"row {replaced[0]} is another one than before")
    if permanent and not standing and len(mark.known) > 1:
        return replace(mark, stopped=f"the newest {len(mark.known)} known rows are gone (up to {mark.seen})")
    seen = max(standing[-1][0] if standing else min(key for key, _ in mark.known) - 1, 0)
    gaps = tuple(replace(gap, last=min(gap.last, seen)) for gap in mark.gaps if gap.first <= seen)
    vanished = (*mark.vanished, *gone)[-REMEMBERED * 2 :] if permanent else ()
    return replace(mark, seen=seen, gaps=gaps, known=standing, vanished=vanished)


def resumed(mark: Watermark, present: Iterable[Change]) -> Watermark:
    """A stopped watermark, going on if every known row stands again as it stood: the replica that lagged caught up.

    Not once an id was used again: then the rows around it may stand, and it still names something else.
    """
    rows = {change.mark_id: change.stamp for change in present}
    is_whole = bool(mark.known) and all(rows.get(key) == stamp for key, stamp in mark.known)
    return replace(mark, stopped="") if is_whole and not mark.vanished else mark


def new_gaps(mark: Watermark, tail: Sequence[Change]) -> tuple[tuple[int, int], ...]:
    """The id ranges that a page of the tail skips."""
    ids = [mark.seen, *(change.mark_id for change in tail if change.mark_id > mark.seen)]
    return tuple((low + 1, high - 1) for low, high in pairwise(ids) if high > low + 1)


def advance(
    mark: Watermark,
    tail: Sequence[Change],
    *,
    looked: Sequence[Span],
    found: Sequence[Change],
    reading: Reading,
    noticed_at: datetime,
    gap_ttl: timedelta,
) -> tuple[Watermark, tuple[Change, ...]]:
    """Move the watermark over a page; returns it with the rows that are new.

    `reading` was taken before the snapshot, `noticed_at` after its reads; `found` are all rows inside `looked`.
    """
    fresh = [change for change in tail if change.mark_id > mark.seen]
    vanished = dict(mark.vanished)
    for change in fresh:
        if change.mark_id in vanished and vanished[change.mark_id] != change.stamp:
            return replace(mark, stopped=f"id {change.mark_id} was used before and is used again"), ()
    kept, late = _look_up(mark.gaps, looked, found, reading=reading, gap_ttl=gap_ttl)
    opened = (Gap(first, last, noticed_at, noticed_at) for first, last in new_gaps(mark, tail))
    gaps = _bounded((*kept, *opened))
    known = (*mark.known, *((change.mark_id, change.stamp) for change in fresh))[-REMEMBERED:]
    seen = fresh[-1].mark_id if fresh else mark.seen
    return replace(mark, seen=seen, gaps=gaps, known=known), (*late, *fresh)


def _look_up(
    gaps: Sequence[Gap],
    looked: Sequence[Span],
    found: Sequence[Change],
    *,
    reading: Reading,
    gap_ttl: timedelta,
) -> tuple[list[Gap], list[Change]]:
    rows: Mapping[int, Change] = {change.mark_id: change for change in found}
    kept: list[Gap] = []
    late: list[Change] = []
    for gap in gaps:
        if not any(span.after < gap.first and gap.last <= span.until for span in looked):
            kept.append(gap)
            continue
        arrived = sorted(key for key in rows if gap.first <= key <= gap.last)
        late.extend(rows[key] for key in arrived)
        if _is_dead(gap, reading, gap_ttl):
            continue
        if gap.whole:
            kept.append(replace(gap, looked=reading.now))
            continue
        edges = [gap.first - 1, *arrived, gap.last + 1]
        kept.extend(
            Gap(low + 1, high - 1, gap.since, max(reading.now, gap.looked))
            for low, high in pairwise(edges)
            if high > low + 1
        )
    return kept, late


def _is_dead(gap: Gap, reading: Reading, gap_ttl: timedelta) -> bool:
    """Whether whoever could own the missing ids has ended before this look's snapshot was opened."""
    if reading.now - gap.since > gap_ttl:
        return True
    return reading.horizon is not None and min(reading.horizon, reading.now) > gap.since + MARGIN


def _bounded(gaps: tuple[Gap, ...]) -> tuple[Gap, ...]:
    """Fold the older half of the gaps into one, when there are more than can be kept apart."""
    if len(gaps) <= MAX_GAPS:
        return gaps
    ordered = sorted(gaps, key=lambda gap: gap.first)
    old, young = ordered[: MAX_GAPS // 2], ordered[MAX_GAPS // 2 :]
    folded = Gap(
        old[0].first,
        old[-1].last,
        max(gap.since for gap in old),
        max(gap.looked for gap in old),
        whole=True,
    )
    return (folded, *young)
