"""Reading the feeds: what was touched since the watermark, and the watermark after it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from poller.core.feeds import Change, Feed
from poller.core.marks import TouchMark, dump_tail, dump_touch, load_tail, load_touch, overlapped
from poller.core.seek import MARGIN_ROWS, id_before
from poller.core.watermarks import REMEMBERED, Span, Watermark, advance, examine, is_intact, new_gaps, resumed, spans
from poller.engine.pages import Touched
from poller.engine.reports import PollReport
from poller.ports import Snapshot

FAR = 2**62


def read_tail(
    snapshot: Snapshot,
    feed: Feed,
    *,
    mark: Watermark,
    limit: int,
    gap_ttl: timedelta,
    until: int = FAR,
) -> tuple[Watermark, tuple[Change, ...], bool]:
    """Read a page of a tail feed and its due gaps; returns the new mark, the new rows, and whether more are waiting."""
    # The newest known row comes again, so a page is longer by it: one of a single row would never get on.
    page = limit + 1
    tail = snapshot.changes(feed, after=mark.resume_after, until=until, limit=page)
    if not is_intact(mark, tail):
        around = snapshot.changes(feed, after=mark.known[0][0] - 1, until=mark.seen, limit=max(limit, REMEMBERED))
        mark = examine(mark, around, permanent=feed.permanent)
        if mark.stopped:
            return mark, (), False
        if feed.is_emptied and _has_begun_again(snapshot, feed, mark):
            mark = Watermark(seen=0)
        tail = snapshot.changes(feed, after=mark.resume_after, until=until, limit=page)
    looked = spans(mark, snapshot.reading.now)
    found = [change for span in looked for change in _all_within(snapshot, feed, span, limit=limit)]
    noticed_at = snapshot.clock() if new_gaps(mark, tail) else snapshot.reading.now
    after, fresh = advance(
        mark,
        tail,
        looked=looked,
        found=found,
        reading=snapshot.reading,
        noticed_at=noticed_at,
        gap_ttl=gap_ttl,
    )
    return after, fresh, len(tail) == page


def _has_begun_again(snapshot: Snapshot, feed: Feed, mark: Watermark) -> bool:
    """Whether the table was emptied and its ids begin anew, so that those to come lie below the mark."""
    newest = 0 if mark.known else snapshot.newest(feed)
    return not mark.known and newest < mark.seen and (newest <= MARGIN_ROWS or newest < mark.seen - MARGIN_ROWS)


def _all_within(snapshot: Snapshot, feed: Feed, span: Span, *, limit: int) -> Iterator[Change]:
    """Every row of a span, page by page: a look that saw only part of a gap could neither tell it nor close it."""
    after = span.after
    while True:
        rows = snapshot.changes(feed, after=after, until=span.until, limit=limit)
        yield from rows
        if len(rows) < limit:
            return
        after = rows[-1].mark_id


def first_mark(snapshot: Snapshot, feed: Feed, since: datetime | None) -> Watermark:
    """Where a feed begins: a little before the newest row, or before the first row of that moment."""
    newest = snapshot.newest(feed)
    if since is None:
        return Watermark(seen=max(newest - MARGIN_ROWS, 0))
    stamp = snapshot.local_text(since - feed.slack)
    return Watermark(seen=id_before(stamp, newest, lambda after: _stamp_after(snapshot, feed, after)))


def _stamp_after(snapshot: Snapshot, feed: Feed, after: int) -> str | None:
    rows = snapshot.changes(feed, after=after, until=FAR, limit=1)
    return rows[0].stamp if rows else None


def take_tail(
    snapshot: Snapshot,
    feed: Feed,
    *,
    checkpoint: str | None,
    since: datetime | None,
    limit: int,
    gap_ttl: timedelta,
    touched: Touched,
    report: PollReport,
) -> None:
    """Read a tail feed into `touched`."""
    before = load_tail(checkpoint) if checkpoint else first_mark(snapshot, feed, None if feed.is_live else since)
    if before.stopped and before.known:
        around = _all_within(snapshot, feed, Span(before.known[0][0] - 1, before.seen), limit=limit)
        before = resumed(before, around)
    if before.stopped:
        report.stopped[feed.name] = before.stopped
        return
    after, fresh, has_more = read_tail(snapshot, feed, mark=before, limit=limit, gap_ttl=gap_ttl)
    if after.stopped:
        report.stopped[feed.name] = after.stopped
    touched.add(feed.thing, [change.key_id for change in fresh])
    report.rows[feed.name] = len(fresh)
    report.gaps += len(after.gaps)
    report.has_more |= has_more
    if has_more:
        report.behind.add(feed.name)
    if after != before or checkpoint is None:
        touched.marks[feed.name] = dump_tail(after)


def take_touch(
    snapshot: Snapshot,
    feed: Feed,
    *,
    checkpoint: str | None,
    since: datetime | None,
    limit: int,
    touched: Touched,
    report: PollReport,
) -> None:
    """Read a touch feed into `touched`, shop by shop, from its marks on."""
    before = load_touch(checkpoint) if checkpoint else {}
    after = dict(before)
    start = TouchMark(snapshot.local_text(since or snapshot.reading.now), 0)
    for shop_id in snapshot.shop_ids():
        mark = before.get(shop_id, start)
        rows = snapshot.touched_since(feed, shop_id=shop_id, since=mark.stamp, after=mark.after, limit=limit)
        after[shop_id] = TouchMark(*rows[-1]) if rows else mark
        touched.add(feed.thing, [key for _, key in rows])
        report.rows[feed.name] = report.rows.get(feed.name, 0) + len(rows)
        report.has_more |= len(rows) == limit
        if len(rows) == limit:
            report.behind.add(feed.name)
    if after != before:
        touched.marks[feed.name] = dump_touch(after)


def take_overlap(snapshot: Snapshot, feed: Feed, *, checkpoint: str | None, limit: int, touched: Touched) -> None:
    """Read again what a touch feed passed lately: late commits, rows saved twice in a second, the repeated hour."""
    for shop_id, mark in (load_touch(checkpoint) if checkpoint else {}).items():
        stamp, after = overlapped(mark.stamp), 0
        while True:
            rows = snapshot.touched_since(feed, shop_id=shop_id, since=stamp, after=after, limit=limit)
            touched.add(feed.thing, [key for _, key in rows])
            if len(rows) < limit:
                break
            stamp, after = rows[-1]
