"""The walk: everything there is, compared stretch by stretch, over and over, as gently as the load budget asks."""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime

from poller.core.blocks import DIGEST_BYTES, BlockSum, block_of, folded
from poller.ports import Clock, Snapshot, State, Thing

SWEPT = ("order", "customer")
NEWEST = {"order": 2_000, "customer": 500}
"""So many of the newest are recent: they are compared far more often."""
LINE = "line"
WALKED = (*SWEPT, LINE)
"""What the walk goes over, one after the other; lines only for their refund counters."""
WALK = "walk"
_STATEMENT_SECONDS = 0.006
_STRETCH_SECONDS = 0.04
_MOST_BLOCKS = 10_000
_DIFFERING_AT_ONCE = 20
_SAVED_EVERY = 60.0
_NOTHING = BlockSum(0, bytes(DIGEST_BYTES), bytes(DIGEST_BYTES))


@dataclass(slots=True)
class Progress:
    """How the walk stands: where it goes on, and what it has done; kept in the state store under `walk`."""

    thing: str = SWEPT[0]
    block: int = 0
    began_at: str = ""
    walked_at: str = ""
    passes: int = 0
    last_pass_seconds: float = 0.0
    last_pass_database_seconds: float = 0.0
    database_seconds: float = 0.0
    found: int = 0

    @property
    def is_at_start(self) -> bool:
        """Whether the next stretch is the first of a pass."""
        return not self.block and self.thing == SWEPT[0]


def progress_of(kept: str | None) -> Progress:
    """How the walk stands, as it was kept last; at the start of its first pass if it never was."""
    return Progress(**json.loads(kept)) if kept else Progress()


@dataclass(slots=True)
class Walk:
    """Where the walk is, and its next stretch."""

    state: State
    clock: Clock
    progress: Progress = field(init=False)
    _spans: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WALKED, 1))
    _refunds: dict[int, bytes] = field(default_factory=dict)
    _saved_at: float | None = None

    def __post_init__(self) -> None:
        self.progress = progress_of(self.state.meta(WALK))

    def stretch(self, snapshot: Snapshot) -> list[Thing]:
        """Compare some blocks; returns those that differ."""
        self.progress.walked_at = snapshot.reading.now.isoformat()
        before = snapshot.spent_seconds()
        differing: list[Thing] = []
        while snapshot.spent_seconds() - before < _STRETCH_SECONDS:
            differing += self._some(snapshot)
            if len(differing) >= _DIFFERING_AT_ONCE or self.progress.is_at_start:
                break
        self.progress.database_seconds += snapshot.spent_seconds() - before
        return differing

    def _some(self, snapshot: Snapshot) -> list[Thing]:
        """One statement's worth of blocks, as many as take the time it may take."""
        progress, thing = self.progress, self.progress.thing
        if progress.is_at_start:
            progress.began_at = snapshot.reading.now.isoformat()
        span = self._spans[thing]
        first, last = progress.block, progress.block + span - 1
        before = snapshot.spent_seconds()
        found: list[Thing] = []
        if thing == LINE:
            self._add_up(snapshot, first, last)
        else:
            found = differing_blocks(self.state, snapshot, thing, first=first, last=last, with_below=thing != "order")
        took = snapshot.spent_seconds() - before
        progress.block += span
        if took < _STATEMENT_SECONDS:
            self._spans[thing] = min(span * 2, _MOST_BLOCKS)
        elif took > 2 * _STATEMENT_SECONDS:
            self._spans[thing] = max(span // 2, 1)
        newest = block_of(snapshot.blocks.newest_key(thing))
        if thing != LINE:
            newest = max(newest, self.state.blocks.highest(thing))
        if progress.block > newest:
            found += self._refunded() if thing == LINE else ()
            self._turn(snapshot.reading.now)
        return found

    def _add_up(self, snapshot: Snapshot, first: int, last: int) -> None:
        """Add what these lines' counters say to their orders' blocks; begun in the middle, it says nothing."""
        if first == 0:
            self._refunds = {-1: b""}
        for number, digest in snapshot.blocks.refunds(first=first, last=last).items():
            self._refunds[number] = folded((self._refunds.get(number, bytes(DIGEST_BYTES)), digest))

    def _refunded(self) -> list[Thing]:
        """The blocks of orders whose lines' counters add up to something else than they did.

        They were added up over many snapshots: a block that changed meanwhile may be read once for nothing, or wait
        for the next pass.
        """
        seen, self._refunds = self._refunds, {}
        if seen.pop(-1, None) is None:
            return []
        kept = self.state.blocks.sums("order", first=0, last=self.state.blocks.highest("order"))
        return [
            ("order", number)
            for number, block in kept.items()
            if block.refunds is not None and block.refunds != seen.get(number, bytes(DIGEST_BYTES))
        ]

    def _turn(self, now: datetime) -> None:
        """Go on with the next kind of row, or begin anew."""
        progress = self.progress
        place = WALKED.index(progress.thing) + 1
        progress.thing, progress.block = WALKED[place % len(WALKED)], 0
        if place == len(WALKED):
            progress.passes += 1
            progress.last_pass_seconds = (now - datetime.fromisoformat(progress.began_at)).total_seconds()
            progress.last_pass_database_seconds, progress.database_seconds = progress.database_seconds, 0.0

    def save(self, *, is_last: bool = False) -> None:
        """Keep how the walk stands, now and then: where it is lost, some blocks are compared once more."""
        if (
            is_last
            or self.progress.is_at_start
            or self._saved_at is None
            or self.clock.monotonic() - self._saved_at > _SAVED_EVERY
        ):
            self.state.set_meta(WALK, json.dumps(asdict(self.progress)))
            self._saved_at = self.clock.monotonic()


def differing_blocks(
    state: State, snapshot: Snapshot, thing: str, *, first: int, last: int, with_below: bool = True
) -> list[Thing]:
    """The blocks that are not as they were, or were never seen."""
    seen = snapshot.blocks.sums(thing, first=first, last=last, with_below=with_below)
    kept = state.blocks.sums(thing, first=first, last=last)
    return [
        (thing, number)
        for number in sorted({*seen, *kept})
        if number not in kept or not _is_same(kept[number].sum, seen.get(number, _NOTHING))
    ]


def _is_same(kept: BlockSum | None, seen: BlockSum) -> bool:
    """Whether a block is as it was; what belongs to its rows counts where it was asked for."""
    if kept is None:
        return False
    is_below_same = seen.below is None or kept.below == seen.below
    return (kept.count, kept.digest) == (seen.count, seen.digest) and is_below_same
