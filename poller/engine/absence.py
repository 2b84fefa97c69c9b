"""Rows that are not there: gone, or not there yet, as in the view of a replica that lags after a failover."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from poller.core.marks import load_tail
from poller.core.watermarks import Watermark
from poller.engine.keeping import Keeping
from poller.engine.walk import SWEPT
from poller.ports import Snapshot
from poller.streams.outcome import Outcome, Stream

LIVE = "live"
DELETED = "deleted"
NOT_THERE_YET = "not there, in a view that lacks the newest rows: a replica that lags?"


@dataclass
class Absence:
    """What one view's missing rows mean. To believe that customers were deleted excludes them for ever."""

    snapshot: Snapshot
    state: Keeping
    streams: Sequence[Stream]
    _next_keys: dict[str, int] = field(default_factory=dict)

    @cached_property
    def is_view_old(self) -> bool:
        """Whether a table from which PrestaShop never deletes lacks rows that were seen in it."""
        marks = self.state.marks(LIVE)
        feeds = [feed for stream in self.streams for feed in stream.feeds if feed.permanent and feed.name in marks]
        return any(self.snapshot.newest(feed) < _highest(load_tail(marks[feed.name])) for feed in feeds)

    def is_doubtful(self, stream: Stream, key: int, outcome: Outcome, *, is_missing: bool) -> bool:
        """Whether an outcome says that something is gone which may be there later.

        A row whose key the server has yet to give out was never inserted there, and so not deleted there. Where it does
        not say which is next, the row is gone: what waits of somebody who was erased must not be sent.
        """
        says_gone = is_missing or (outcome.exclude is not None and outcome.exclude[1] == DELETED)
        if stream.is_logbook or not says_gone:
            return False
        is_to_come = is_missing and stream.thing in SWEPT and 0 < self._next_key(stream.thing) <= key
        return is_to_come or self.is_view_old

    def _next_key(self, thing: str) -> int:
        if thing not in self._next_keys:
            self._next_keys[thing] = self.snapshot.blocks.next_key(thing)
        return self._next_keys[thing]


def _highest(mark: Watermark) -> int:
    return max(mark.seen, *(key for key, _ in mark.vanished), 0)
