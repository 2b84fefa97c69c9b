"""One block of the sweep: read row by row, compared with what was seen last, and what differs derived and committed.

The invariant: a row's digest is stored in the transaction that holds what the row proves, never earlier.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from poller.core.blocks import BlockRead, SweptBlock, SweptRow
from poller.engine.pages import Lane, Pages, Touched
from poller.engine.reports import PollReport
from poller.ports import Snapshot, State

THINGS_AT_ONCE = 50
MOST_VANISHED = 10
DOUBT = timedelta(hours=1)
_UNPAID_SINCE = timedelta(days=30)
_GONE = b""


DOUBTFUL = "{} of {} rows vanished at once: not believed for an hour. Is the table being restored?"


@dataclass(frozen=True, slots=True)
class _Later:
    """Keys of a block that keep their old digests: some wait for their turn, some are not believed to be gone."""

    waiting: frozenset[int]
    doubted: frozenset[int]


class Blocks:
    """Compares blocks, a page at a time. Not beside a poll: both derive the same things."""

    def __init__(self, state: State, pages: Pages) -> None:
        self._state = state
        self._pages = pages

    def page(self, snapshot: Snapshot, lane: Lane, thing: str, *, number: int, report: PollReport) -> bool:
        """Look at some of what differs in a block; whether there is more."""
        kept = self._state.blocks.get(thing, number)
        read = snapshot.blocks.read(thing, number)
        known = self._state.blocks.remembered(thing, number)
        if kept:
            changed = {key for key, row in read.rows.items() if kept.rows.get(key) != row.digest}
        else:
            changed = known & set(read.rows) | self._noteworthy(snapshot, lane, thing, number, read)
        vanished = (known | set(kept.rows if kept else ())) - set(read.rows)
        gone = self._underived(thing, vanished, read.rows)
        doubted = frozenset(gone if _is_doubtful(kept, read, gone, snapshot.reading.now) else ())
        if doubted:
            report.failed[f"sweep/{thing}"] = DOUBTFUL.format(len(doubted), len(read.rows) + len(gone))
        found = sorted({*self._underived(thing, changed, read.rows), *gone} - doubted)
        some, waiting = found[:THINGS_AT_ONCE], frozenset(found[THINGS_AT_ONCE:])
        touched = Touched()
        touched.add(thing, some)
        touched.found.update((thing, key) for key in some if kept)
        touched.blocks.append(
            _block(thing, number, read, kept, now=snapshot.reading.now, later=_Later(waiting, doubted))
        )
        self._pages.write(snapshot, lane, touched=touched, report=report)
        return bool(waiting)

    def _noteworthy(self, snapshot: Snapshot, lane: Lane, thing: str, number: int, read: BlockRead) -> set[int]:
        """What is looked at when a block is learned, though nothing is known to have changed in it.

        What was added since the start is owed. And where something stands that no record tells of, it is noted now, so
        that whatever stands there later is news.
        """
        start = snapshot.local_text(lane.window.since)
        keys = {key for key, row in read.rows.items() if row.added >= start}
        if thing == "order" and read.rows:
            since = snapshot.local_text(snapshot.reading.now - _UNPAID_SINCE)
            keys |= set(snapshot.blocks.unrecorded(number, since=since)) & set(read.rows)
        return keys

    def _underived(self, thing: str, keys: Collection[int], rows: Mapping[int, SweptRow]) -> list[int]:
        """Those of the keys that were not derived as they are now."""
        remembered = self._state.recall([(thing, key) for key in keys])
        found = []
        for key in sorted(keys):
            memory = remembered.get((thing, key))
            digest = rows[key].digest if key in rows else _GONE
            if memory is None or memory.digest != digest:
                found.append(key)
        return found


def _is_doubtful(kept: SweptBlock | None, read: BlockRead, gone: Collection[int], now: datetime) -> bool:
    """Whether too many rows are gone to believe it, unless they stay so.

    Many things gone at once were not deleted one by one: the table is being restored or emptied. Believing it would
    exclude those customers for ever.
    """
    if len(gone) <= max(MOST_VANISHED, len(read.rows) // 20):
        return False
    return kept is None or kept.doubted_at is None or now - kept.doubted_at < DOUBT


def _block(
    thing: str, number: int, read: BlockRead, kept: SweptBlock | None, *, now: datetime, later: _Later
) -> SweptBlock:
    before = kept.rows if kept else {}
    rows = {key: row.digest for key, row in read.rows.items() if key not in later.waiting}
    rows |= {key: before[key] for key in later.waiting | later.doubted if key in before}
    is_whole = not later.waiting and not later.doubted
    return SweptBlock(
        thing=thing,
        number=number,
        sum=read.sum if is_whole else None,
        states=read.states if is_whole and thing == "order" else None,
        refunds=read.refunds if is_whole and thing == "order" else None,
        rows=rows,
        read_at=now,
        doubted_at=(kept.doubted_at if kept and kept.doubted_at else now) if later.doubted else None,
    )
