"""Upkeep of the state store: copy it, check it against the shop, build it anew, and let go of what is old."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from poller.assembly import NAMESPACE, find_namespace, lock_name, make_composer, make_policy, make_shop
from poller.config import Settings
from poller.core.feeds import Feed
from poller.core.identity import namespace_for
from poller.core.marks import dump_tail, load_tail
from poller.engine.backfill import Backfill, Period
from poller.engine.clock import SystemClock
from poller.engine.findings import Finding
from poller.engine.pages import LIVE, Pages
from poller.engine.poll import START
from poller.engine.pruned import PRUNED
from poller.engine.reading import first_mark
from poller.errors import ConfigurationError
from poller.own_events import streams_of
from poller.ports import Commit, Snapshot
from poller.state.location import state_file
from poller.state.locks import HolderLock
from poller.state.store import StateStore, open_state

_MANY, _LARGE = 500, 2**30


class Upkeep:
    """Takes the live lane for whatever changes the store, so that no poller works on it meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._url = settings.state.url
        self._shop = make_shop(settings)
        self.clock = SystemClock()

    def backup(self, target: Path) -> int:
        """Copy the store as it is at one moment, beside a running poller; returns the copy's bytes."""
        with open_state(self._url, read_only=True) as state:
            return state.copy_to(target)

    def verify(self) -> Sequence[Finding]:
        """Whether the file is whole, and belongs to this shop."""
        with open_state(self._url, read_only=True) as state:
            return [*self._whole(state), *self._ours(state)]

    def _whole(self, state: StateStore) -> Iterator[Finding]:
        damage = state.damage()
        if damage:
            yield Finding("problem", "file", f"It is damaged: {damage}.", "Restore a copy, or `poller state rebuild`.")
        else:
            yield Finding("ok", "file", f"It is whole, {state.size_bytes() / 1_000_000:.1f} MB.")

    def _ours(self, state: StateStore) -> Iterator[Finding]:
        kept = str(self._settings.namespace or state.meta(NAMESPACE) or "")
        drawn = str(namespace_for(self._shop.identity()))
        if self._settings.namespace:
            yield Finding("ok", "namespace", f"{kept}, by the setting.")
        elif kept == drawn:
            yield Finding("ok", "namespace", f"{kept}, which is this shop's.")
        else:
            text = f"The store has {kept or 'none'}, this shop would give {drawn}."
            hint = "Has the shop moved, or is it another shop? See docs/how-to/restore.md."
            yield Finding("warning", "namespace", text, hint)
        marks = state.marks(LIVE)
        with self._shop.snapshot() as snapshot:
            for feed in self._tails():
                if feed.name in marks:
                    yield _plausible(snapshot, feed, marks[feed.name])

    # ------------------------------------------------------------ changes

    def rebuild(self, since: datetime, delivered_until: datetime) -> int:
        """Make a store for a shop that was told before: what happened until then counts as delivered, the rest is owed.

        Returns how many facts were entered as delivered. Raises ConfigurationError where there is a store already.
        """
        file = state_file(self._url)
        if file and file.exists() and file.stat().st_size:
            raise ConfigurationError(
                f"There is a state store: {file}.",
                hint="Move it away first, with its -wal and -shm: what it knows would be lost. See how-to/restore.md.",
            )
        zone = self._shop.reference().time.zone
        first, end = (
            moment.replace(tzinfo=moment.tzinfo or zone).astimezone(UTC) for moment in (since, delivered_until)
        )
        with HolderLock(self._url, lock_name(LIVE), door="state rebuild"):
            if file is None:
                return self._filled(self._url, Period(first, end))
            draft = file.with_name(file.name + ".rebuilding")
            for part in draft.parent.glob(draft.name + "*"):
                part.unlink()
            entered = self._filled(f"sqlite:///{draft}", Period(first, end))
            draft.replace(file)
        return entered

    def _filled(self, url: str, period: Period) -> int:
        """Fill a store beside the place it goes to: half of one would be taken for a whole, and history sent again."""
        with open_state(url) as state:
            state.claim_meta(NAMESPACE, str(find_namespace(self._settings, None, self._shop)))
            state.claim_meta(START, period.since.isoformat())
            entered = self._enter(state, period)
            with self._shop.snapshot() as snapshot:
                marks = {feed.name: dump_tail(first_mark(snapshot, feed, period.until)) for feed in self._tails()}
                state.commit(Commit(lane=LIVE, at=snapshot.reading.now, marks=marks))
        return entered

    def _enter(self, state: StateStore, period: Period) -> int:
        policy = make_policy(self._settings, find_namespace(self._settings, state, self._shop))
        pages = Pages(
            state, make_composer(self._settings, policy.namespace), streams=streams_of(self._shop), policy=policy
        )
        size = self._settings.page_size
        backfill = Backfill(
            self._shop, state, pages=pages, streams=streams_of(self._shop), page_size=size, clock=self.clock
        )
        entered = 0
        for _ in backfill.pages(period):
            while batch := state.pending(limit=_MANY, max_bytes=_LARGE):
                state.delivered(batch, self.clock.now())
                entered += len(batch)
        return entered

    def _tails(self) -> Iterator[Feed]:
        for stream in streams_of(self._shop):
            yield from (feed for feed in stream.feeds if feed.kind == "tail")

    def prune(self, before: datetime) -> int:
        """Forget what was delivered of facts before a moment; nothing before it can be told any more.

        Returns how many were forgotten.
        """
        zone = self._shop.reference().time.zone
        moment = before.replace(tzinfo=before.tzinfo or zone).astimezone(UTC)
        if moment > self.clock.now():
            raise ConfigurationError("--before lies in the future.", hint="Name a day that has passed.")
        open_state(self._url, read_only=True).close()
        with HolderLock(self._url, lock_name(LIVE), door="state prune"), open_state(self._url) as state:
            return state.prune(moment, start=START, pruned=PRUNED)


def _plausible(snapshot: Snapshot, feed: Feed, checkpoint: str) -> Finding:
    mark = load_tail(checkpoint)
    newest = snapshot.newest(feed)
    if mark.stopped:
        return Finding("problem", feed.name, f"It stopped: {mark.stopped}.", "See docs/how-to/restore.md.")
    if feed.permanent and newest < mark.seen:
        text = f"It was read up to {mark.seen}, and the shop's newest row is {newest}."
        return Finding("problem", feed.name, text, "Was the shop restored from a backup? See docs/how-to/restore.md.")
    return Finding("ok", feed.name, f"Read up to {mark.seen} of {newest}.")
