"""The replay: what was delivered, sent again. What stands in for the state store lets through just that."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from poller.core.blocks import StateBlocks
from poller.core.events import Event
from poller.engine.keeping import Keeping
from poller.ports import Commit, Composer, Outgoing, Remembered, Thing


class Again(Protocol):
    """The state store's door for what is sent a second time."""

    def delivered(self, message_ids: Sequence[UUID], before: datetime) -> set[UUID]:
        """Those that were delivered last before a moment (whole seconds), and are not in the outbox."""

    def commit(self, commit: Commit) -> int:
        """Store a page, though the ledger has its messages; returns how many were put into the outbox."""


class Replaying:
    """engine.keeping.Keeping for a replay: `known` is what was not delivered yet, which is left to the other doors.

    `began` is when the replay began, a whole second: what was delivered since then is its own work, or news.
    """

    def __init__(self, state: Keeping, again: Again, *, began: datetime, has_new_ids: bool) -> None:
        self._state = state
        self._again = again
        self._began = began
        self._has_new_ids = has_new_ids

    def marks(self, lane: str) -> Mapping[str, str]:
        """The lane's checkpoints."""
        return self._state.marks(lane)

    def recall(self, things: Sequence[Thing]) -> Mapping[Thing, Remembered]:
        """The memories there are: what only they prove is told again as well."""
        return self._state.recall(things)

    def known(self, message_ids: Sequence[UUID]) -> set[UUID]:
        """Those that are not to be sent: not delivered yet, or on their way again."""
        return set(message_ids) - self._again.delivered(message_ids, self._began)

    @property
    def blocks(self) -> StateBlocks:
        """What the sweep saw."""
        return self._state.blocks

    def suppressed(self) -> Mapping[int, str]:
        """Customers of whom nothing is sent, not a second time either."""
        return self._state.suppressed()

    def commit(self, commit: Commit) -> int:
        """Put a page into the outbox; new ids have been told of nothing yet, unless this replay has."""
        return (self._state if self._has_new_ids else self._again).commit(commit)


class Renewing:
    """ports.Composer that gives each fact a new id, the same one within a replay: `run` names it."""

    def __init__(self, composer: Composer, run: str) -> None:
        self._composer = composer
        self._run = run

    def compose(self, event: Event) -> Outgoing:
        """The message of the fact, told once more."""
        return self._composer.compose(replace(event, fact=f"{event.fact}/again/{self._run}"))
