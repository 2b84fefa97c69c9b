"""What pages ask of the state store and leave in it: less than all of ports.State, so that others can stand in."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from poller.core.blocks import StateBlocks
from poller.ports import Commit, Remembered, Thing


class Keeping(Protocol):
    """A state store, or what stands in for it: where a rehearsal counts, where a replay lets known messages through."""

    def marks(self, lane: str) -> Mapping[str, str]:
        """The lane's checkpoints, feed name to watermark (JSON text)."""

    def recall(self, things: Sequence[Thing]) -> Mapping[Thing, Remembered]:
        """The memories of those things that have one."""

    def known(self, message_ids: Sequence[UUID]) -> set[UUID]:
        """Those that are not to be put into the outbox: they are there, or in the ledger."""

    @property
    def blocks(self) -> StateBlocks:
        """What the sweep saw last of things of any age."""

    def suppressed(self) -> Mapping[int, str]:
        """Customers of whom nothing is sent, with the reason."""

    def commit(self, commit: Commit) -> int:
        """Store a page; returns how many messages were new."""
