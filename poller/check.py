"""What `poller check` looks at: the settings, this host, the shop, the state store and the way to Segment."""

import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from shutil import disk_usage
from typing import Final

from poller.assembly import make_shop_set
from poller.config import Settings
from poller.config.choices import OFF, OFF_HINT
from poller.core.shops import Source
from poller.engine.between import CROWDED
from poller.engine.findings import Finding
from poller.errors import ConfigurationError, PollerError, TryAgainError
from poller.observe.metrics import is_available
from poller.ports import Accepted, Deferred, Misconfigured, Refused
from poller.segment.post import SegmentSender
from poller.shop.database import ShopDatabase
from poller.shop.inspection import inspect
from poller.state.location import check_directory, state_file
from poller.state.store import StateStore, open_state

LITTLE_ROOM: Final = 500_000_000
NO_ROOM: Final = 5_000_000
"""Bytes: below it a write-ahead log may not find its place."""
SKEW: Final = timedelta(seconds=5)
_REACHED = "Segment answers at {}. (It does not say whether it knows the write key: see its debugger.)"


def findings(settings: Settings, shop: ShopDatabase, senders: Mapping[Source, SegmentSender]) -> Iterator[Finding]:
    """Everything that can be wrong, and what was understood of the shop."""
    yield from _choices(settings)
    yield from _host(settings)
    yield from inspect(shop, timezone=settings.shop.timezone, language=settings.language)
    yield from _shops(settings, shop)
    yield from _state(settings)
    for source, sender in senders.items():
        yield from _source(sender, whose=f" (source: {source.name})" if len(senders) > 1 else "")


def _choices(settings: Settings) -> Iterator[Finding]:
    """What was chosen and may be forgotten."""
    if not settings.active:
        yield Finding("warning", "active", OFF, OFF_HINT)


def _shops(settings: Settings, shop: ShopDatabase) -> Iterator[Finding]:
    """Whether the shops that the settings name exist; who cannot say is spoken of elsewhere."""
    choices = settings.shop_choices()
    if not choices:
        return
    with suppress(PollerError):
        present = shop.reference().shops
        told = make_shop_set(settings)
        left_out = ", ".join(str(shop_id) for shop_id in present if not told.holds(shop_id))
        if left_out:
            yield Finding("ok", "shops", f"Nothing is sent of shop {left_out}.")
        for shop_id in sorted(choices.keys() - present.keys()):
            known = ", ".join(str(known) for known in present)
            text = f"There is no shop {shop_id}, which `shops` names."
            yield Finding("problem", "shops", text, f"Its shops are {known}.")


def _host(settings: Settings) -> Iterator[Finding]:
    """What is asked of this host: programs, room, and files that are nobody else's to read."""
    monitoring = settings.monitoring
    if (monitoring.listen or monitoring.textfile) and not is_available():
        yield Finding("problem", "metrics", "Metrics want prometheus-client.", "Install the extra `metrics`.")
    file = state_file(settings.state.url)
    if file and file.parent.is_dir():
        yield from _room(file.parent)
        yield from _openness(file.parent)


def _room(directory: Path) -> Iterator[Finding]:
    free = disk_usage(directory).free
    if free < NO_ROOM:
        text = f"The disk is full where the state store is: {free / 1_000_000:.1f} MB are free."
        yield Finding("problem", "room", text, "Make room: everything waits for it, though nothing is lost.")
    elif free < LITTLE_ROOM:
        text = f"Only {free / 1_000_000:,.0f} MB are free where the state store is."
        yield Finding("warning", "room", text, "Make room: a full disk holds up everything, though nothing is lost.")
    else:
        yield Finding("ok", "room", f"{free / 1e9:,.0f} GB are free where the state store is.")


def _openness(directory: Path) -> Iterator[Finding]:
    """Who else may do something there; the store itself is always its owner's alone (mode 0600)."""
    mode = directory.stat().st_mode
    if mode & stat.S_IWOTH:
        text = f"Everybody on this host may put files into the state directory {directory}."
        yield Finding("warning", "state", text, f"Run: chmod 700 {directory}, or give the state one of its own.")
    elif mode & stat.S_IROTH:
        text = f"Everybody on this host may look into the state directory {directory}."
        yield Finding("warning", "state", text, f"Run: chmod 700 {directory}; the store is readable by its owner only.")


def _state(settings: Settings) -> Iterator[Finding]:
    try:
        file = state_file(settings.state.url)
        if file and not file.exists():
            check_directory(file.parent)
            yield Finding("ok", "state", f"The state store will be made at the first start: {file}.")
            return
        with open_state(settings.state.url) as state:
            yield from _store(state, settings.state.url)
    except (ConfigurationError, TryAgainError) as error:
        yield Finding("problem", "state", error.message, error.hint)


def _store(state: StateStore, url: str) -> Iterator[Finding]:
    """What is in the store: whole, and nothing in it that waits for the operator."""
    if damage := state.damage():
        hint = "Restore a copy, or see docs/how-to/restore.md."
        yield Finding("problem", "state", f"The state store is damaged: {damage}.", hint)
        return
    yield Finding("ok", "state", f"The state store can be written: {url}.")
    size = state.outbox_size()
    if size.buried:
        text = f"Segment refused {size.buried:,} messages for good: they are kept as dead letters."
        yield Finding("warning", "outbox", text, "See why with `poller dead-letters list`, then replay or drop them.")
    if size.pending >= CROWDED:
        text = f"{size.pending:,} messages wait in the outbox: a backfill reads no further until they are fewer."
        yield Finding("warning", "outbox", text, "`poller status` says why they wait; segment.rate_limit paces them.")
    for name, standing in state.deliveries().items():
        if standing.stopped:
            text = f"Nothing is sent to source {name}: {standing.reason}"
            yield Finding("problem", "outbox", text, "Put that right; it is tried again by itself, nothing is dropped.")


def _source(sender: SegmentSender, *, whose: str) -> Iterator[Finding]:
    """One source: the way there; where there are several, each finding says whose it is."""
    probe = sender.probe()
    match probe.verdict:
        case Accepted():
            yield Finding("ok", "segment", _REACHED.format(sender.host) + whose)
        case Misconfigured(reason, hint):
            yield Finding("problem", "segment", reason + whose, hint)
        case Deferred(reason) | Refused(reason):
            yield Finding("problem", "segment", reason + whose, "Check segment.host and the way out of this network.")
    if probe.ahead is not None and abs(probe.ahead) > SKEW:
        text = f"This host's clock is {probe.ahead.total_seconds():+.0f} s ahead of Segment's."
        yield Finding("warning", "clock", text, "Let this host follow NTP: Segment shifts every event by it.")
