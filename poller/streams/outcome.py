"""What a stream is, and what deriving a thing yields."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from poller.core.events import Event
from poller.core.feeds import Feed
from poller.core.policy import Policy
from poller.core.vocabulary import EventType


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Every event the present facts prove, and the thing's new memory (JSON text; empty: nothing is remembered).

    `again`: look again at that time, though nothing may touch the thing (it is still being written).
    `exclude`: the customer of whom nothing may be sent any more, and why.
    `is_forgotten`: nothing at all is kept of the thing, not even that it was seen.
    """

    events: tuple[Event, ...] = ()
    memory: str = ""
    again: datetime | None = None
    exclude: tuple[int, str] | None = None
    is_forgotten: bool = False


class Derive(Protocol):
    """`derive(now, facts, memory, policy)`: pure and total; `now` is the shop database's clock (UTC)."""

    def __call__(self, now: datetime, facts: Any, memory: str | None, *, policy: Policy) -> Outcome:
        """Derive one thing. `memory` is None, or empty, at first sight."""


class Gone(Protocol):
    """`gone(now, key, memory, policy)`: what is left to say of a thing whose row is gone. Pure, as derive."""

    def __call__(self, now: datetime, key: int, memory: str | None, *, policy: Policy) -> Outcome:
        """Derive the end of one thing; only its memory says what it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One kind of thing: which feeds touch it, how it is derived, and which events it may emit.

    `is_logbook`: its rows are written once and never change, so nothing is remembered of them.
    `is_on_demand`: there may be millions of them, so that a backfill leaves them out unless it names them.
    `unremarkable` is for things the sweep walks over: the memory of one that is not remembered, but was seen at that
    time with nothing in it that no record tells of. What stands in it now came later.
    """

    thing: str
    feeds: tuple[Feed, ...]
    derive: Derive
    gone: Gone
    emits: tuple[EventType, ...]
    is_logbook: bool = False
    is_on_demand: bool = False
    unremarkable: Callable[[datetime], str] | None = None


def forget(now: datetime, key: int, memory: str | None, *, policy: Policy) -> Outcome:
    """What a thing leaves that was deleted from the shop and has no further meaning."""
    del now, key, memory, policy
    return Outcome()
