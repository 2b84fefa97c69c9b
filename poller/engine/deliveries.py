"""What delivering says of its work: one canonical line a batch."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from poller.core.shops import DEFAULT


@dataclass(frozen=True, slots=True, kw_only=True)
class Burial:
    """A message that became a dead letter, and why."""

    message_id: UUID
    name: str
    thing: str
    key: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverReport:
    """What one or several deliveries did.

    `deferred` counts the messages of a batch that was put off, `attempts` the requests, `delay` the time all delivered
    messages spent in the outbox together, `slowest` the longest of them, `oldest_at` when the first message at hand was
    put there. `waiting` is the seconds until the next try, None if there is nothing to wait for. `stopped` is the
    configuration fault that stopped sending, with its `hint`; `reason` why a batch was put off. `source` names the one
    it was about, `put_off` the names of the messages that were deferred.
    """

    delivered: int = 0
    deferred: int = 0
    put_off: tuple[str, ...] = ()
    burials: tuple[Burial, ...] = ()
    attempts: int = 0
    delay: timedelta = timedelta(0)
    slowest: timedelta = timedelta(0)
    oldest_at: datetime | None = None
    waiting: float | None = None
    reason: str = ""
    stopped: str = ""
    hint: str = ""
    is_interrupted: bool = False
    is_empty: bool = False
    source: str = DEFAULT

    @property
    def buried(self) -> int:
        """How many messages became dead letters."""
        return len(self.burials)

    def as_log(self) -> Mapping[str, object]:
        """The fields of the canonical log line; empty ones are left out."""
        found: dict[str, object] = {
            "source": self.source if self.source != DEFAULT else "",
            "delivered": self.delivered,
            "deferred": self.deferred,
            "buried": self.buried,
            "attempts": self.attempts,
            "slowest_s": round(self.slowest.total_seconds(), 3),
            "waiting_s": round(self.waiting or 0.0, 3),
            "reason": self.reason,
            "hint": self.hint,
        }
        return {name: value for name, value in found.items() if value or name == "delivered"}

    def then(self, later: "DeliverReport") -> "DeliverReport":
        """Both together: counts add up, how things stand is the later's."""
        return replace(
            later,
            delivered=self.delivered + later.delivered,
            put_off=self.put_off + later.put_off,
            burials=self.burials + later.burials,
            attempts=self.attempts + later.attempts,
            delay=self.delay + later.delay,
            slowest=max(self.slowest, later.slowest),
            oldest_at=later.oldest_at or self.oldest_at,
        )
