"""The seams: what the engine needs of the world, as Protocols and the values that cross them."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from poller.core.blocks import ShopBlocks, StateBlocks, SweptBlock
from poller.core.events import Event
from poller.core.feeds import Change, Feed, Reading
from poller.core.shops import DEFAULT, EVERY_SHOP, Source

Thing: TypeAlias = tuple[str, int]
"""A thing the shop has, and its primary key: ("order", 17)."""


# ---------------------------------------------------------------- the shop


class Snapshot(Protocol):
    """One consistent read-only view of the shop's database."""

    @property
    def reading(self) -> Reading:
        """The database's clock and horizon, taken before this view was opened."""

    def clock(self) -> datetime:
        """The database's clock now (UTC): what a gap noticed in this view is dated with."""

    def newest(self, feed: Feed) -> int:
        """The highest id the feed's table holds, 0 if it is empty."""

    def changes(self, feed: Feed, *, after: int, until: int, limit: int) -> Sequence[Change]:
        """The feed's rows with `after < id <= until`, in order of id, at most `limit`."""

    def shop_ids(self) -> Sequence[int]:
        """The shops of the installation: a touch feed is followed shop by shop, as its index demands."""

    def touched_since(
        self, feed: Feed, *, shop_id: int, since: str, after: int, limit: int
    ) -> Sequence[tuple[str, int]]:
        """A touch feed's `(stamp, key)` from the mark on; stamps are the shop's own local text, opaque here."""

    def local_text(self, moment: datetime) -> str:
        """A moment as the shop would have written it (its local time)."""

    def spent_seconds(self) -> float:
        """How long this view's statements took the database so far."""

    @property
    def blocks(self) -> ShopBlocks:
        """What the sweep over things of any age compares."""

    def digests(self, thing: str, keys: Sequence[int]) -> Mapping[int, bytes]:
        """A few bytes a key, of what can change silently; none for a row that is gone. Empty if it is not swept."""

    def load(self, thing: str, keys: Sequence[int]) -> Mapping[int, Any]:
        """The facts of each thing that exists, whole (`streams.<thing>`'s facts class); a missing key is gone."""


class Shop(Protocol):
    """The shop's database."""

    def identity(self) -> str:
        """What names this installation among all shops, from its oldest rows; the same from any host."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Open a view; raises ShopUnreachableError, ShopStatementError or ConfigurationError."""


# ---------------------------------------------------------------- the state store


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the store holds of a thing: `body` is the stream's memory (JSON text), `digest` of when it was derived."""

    body: str
    digest: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A thing's memory to be stored; `again` asks for another look at that time though nothing touches it."""

    thing: str
    key: int
    body: str
    digest: bytes | None
    again: datetime | None
    touched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message on its way into the outbox; `text` is the JSON text that will go out, `amount` is in minor units.

    `shop_id` is the shop it is told of: it decides to which source the message goes.
    """

    message_id: UUID
    name: str
    thing: str
    key: int
    customer_id: int | None
    occurred_at: datetime
    text: str
    amount_minor: int | None = None
    currency: str | None = None
    shop_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A message in the outbox, waiting to be delivered."""

    seq: int
    message_id: UUID
    lane: str
    name: str
    thing: str
    key: int
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Buried:
    """A dead letter: refused for good, kept with the reason."""

    seq: int
    message_id: UUID
    name: str
    thing: str
    key: int
    text: str
    reason: str
    buried_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A customer of whom nothing more may be sent, and why (`erased`, `deleted`, `internal`)."""

    customer_id: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """All that one page of one lane changes, in one transaction; of `forgotten` things no memory is left at all."""

    lane: str
    at: datetime
    outgoing: Sequence[Outgoing] = ()
    memories: Sequence[Memory] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    suppressed: Sequence[Suppressed] = ()
    forgotten: Sequence[Thing] = ()
    swept: Sequence[SweptBlock] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How delivery to a source stands: the next try, the tries so far, why it waits; `stopped` needs the operator."""

    attempts: int = 0
    not_before: datetime | None = None
    stopped: bool = False
    reason: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxSize:
    """How much waits in the outbox."""

    pending: int
    buried: int
    oldest_at: datetime | None
    by_lane: Mapping[str, int]


class State(Protocol):
    """What survives a crash. Every method is one transaction; times are aware UTC."""

    def meta(self, name: str) -> str | None:
        """A named value of the installation, None if never set."""

    def set_meta(self, name: str, value: str) -> None:
        """Set a named value."""

    def claim_meta(self, name: str, value: str) -> str:
        """Set a named value unless it is set; return the one that holds."""

    def marks(self, lane: str) -> Mapping[str, str]:
        """The lane's checkpoints, feed name to watermark (JSON text)."""

    def recall(self, things: Sequence[Thing]) -> Mapping[Thing, Remembered]:
        """The memories of those things that have one."""

    def due(self, now: datetime, limit: int) -> Sequence[Thing]:
        """Things that asked to be looked at again by `now`, longest waiting first."""

    def lately(self, thing: str, limit: int) -> Sequence[int]:
        """Keys of the things of that kind touched last, newest first."""

    def known(self, message_ids: Sequence[UUID]) -> set[UUID]:
        """Those already in the outbox or the ledger."""

    @property
    def blocks(self) -> StateBlocks:
        """What the sweep saw last of things of any age."""

    def suppressed(self) -> Mapping[int, str]:
        """Customers of whom nothing is sent, with the reason."""

    def commit(self, commit: Commit) -> int:
        """Store a page; messages already known are left as they are. Returns how many were new.

        A suppressed customer's pending and buried messages are purged in the same transaction.
        """

    def pending(self, *, limit: int, max_bytes: int, source: Source = EVERY_SHOP) -> Sequence[Pending]:
        """A source's next batch: live lane first, then oldest first; less than `max_bytes` of text, at least one."""

    def delivered(self, batch: Sequence[Pending], at: datetime) -> None:
        """Move messages from the outbox to the ledger: payload dropped, id kept."""

    def bury(self, message: Pending, *, reason: str, at: datetime) -> None:
        """Make a message a dead letter."""

    def delivery(self, source: str = DEFAULT) -> Delivery:
        """How delivery to a source stands."""

    def set_delivery(self, delivery: Delivery, source: str = DEFAULT) -> None:
        """Store how delivery to a source stands."""

    def outbox_size(self) -> OutboxSize:
        """Count the outbox."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Segment took the batch."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: keep the order, try again, not before `retry_after` if it was named."""

    reason: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Misconfigured:
    """The key, the host or the region is wrong: nothing is dropped, sending stops until the operator acts."""

    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Segment will never take this batch as it is: bisect it, bury the guilty one."""

    reason: str


Verdict: TypeAlias = Accepted | Deferred | Misconfigured | Refused


class Composer(Protocol):
    """Turns events into the messages that will go out."""

    def compose(self, event: Event) -> Outgoing:
        """Build the message, shortened by the fixed order of losses if it would exceed Segment's limit."""


class Sender(Protocol):
    """Posts batches, one attempt at a time."""

    def post(self, texts: Sequence[str], *, attempt: int) -> Verdict:
        """Post one batch of messages; never raises for what the network or Segment does."""


class Clock(Protocol):
    """This host's time."""

    def now(self) -> datetime:
        """Aware UTC."""

    def monotonic(self) -> float:
        """Seconds that only grow."""

    def wait(self, seconds: float) -> bool:
        """Sleep, or until a stop is asked for; True if it was."""
