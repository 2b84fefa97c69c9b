"""What the engine says of its work: one canonical line each, in logs and in `status`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class PollReport:
    """What one poll, sweep or backfill page did.

    `rows` counts what each feed saw, `events` new messages by name, `told_before` messages that were known already;
    `failed` names feeds whose statement failed, `stopped` feeds that cannot trust their table any more, `postponed`
    things that could not be derived, `behind` feeds of which more is waiting. `slowed` are readings that would cost
    more than their share of the database: they run only once in so many seconds.
    """

    lane: str
    rows: dict[str, int] = field(default_factory=dict)
    things: int = 0
    events: dict[str, int] = field(default_factory=dict)
    told_before: int = 0
    found_by_sweep: int = 0
    gaps: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)
    postponed: dict[str, str] = field(default_factory=dict)
    slowed: dict[str, float] = field(default_factory=dict)
    behind: set[str] = field(default_factory=set)
    has_more: bool = False
    seconds: float = 0.0
    database_seconds: float = 0.0

    @property
    def is_idle(self) -> bool:
        """Whether there was nothing to do and nothing to say."""
        return not (self.things or self.failed or self.stopped or self.postponed or self.slowed or self.has_more)

    def as_log(self) -> Mapping[str, object]:
        """The fields of the canonical log line; empty ones are left out."""
        found: dict[str, object] = {
            "lane": self.lane,
            "rows": sum(self.rows.values()),
            "things": self.things,
            "events": self.events,
            "found_by_sweep": self.found_by_sweep,
            "gaps": self.gaps,
            "failed": self.failed,
            "stopped": self.stopped,
            "postponed": self.postponed,
            "slowed": {name: round(seconds, 1) for name, seconds in self.slowed.items()},
            "has_more": self.has_more,
            "ms": round(self.seconds * 1000, 1),
            "database_ms": round(self.database_seconds * 1000, 1),
        }
        return {name: value for name, value in found.items() if value or name in ("lane", "things")}


@dataclass(slots=True)
class WorkReport:
    """What a catch-up or a backfill did, from its start to its end.

    `events` counts new messages by name, `delivered` and `buried` what became of the outbox meanwhile, `told_before`
    messages of a backfill's period that were known already. `note` says in words what the numbers do not.
    """

    lane: str
    things: int = 0
    events: dict[str, int] = field(default_factory=dict)
    delivered: int = 0
    buried: int = 0
    told_before: int | None = None
    pages: int = 0
    seconds: float = 0.0
    stopped: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    is_dry: bool = False
    note: str = ""

    def add(self, page: PollReport) -> None:
        """Count a page."""
        self.pages += 1
        self.things += page.things
        self.seconds += page.seconds
        self.stopped |= page.stopped
        self.failed |= page.failed
        if self.told_before is not None:
            self.told_before += page.told_before
        for name, count in page.events.items():
            self.events[name] = self.events.get(name, 0) + count

    def as_log(self) -> Mapping[str, object]:
        """The fields of the last line."""
        told_before = {} if self.told_before is None else {"told_before": self.told_before}
        return {
            "lane": self.lane,
            "things": self.things,
            "events": dict(sorted(self.events.items())),
            "delivered": self.delivered,
            "dead_letters": self.buried,
            **told_before,
            "pages": self.pages,
            "reading_seconds": round(self.seconds, 3),
            "dry_run": self.is_dry,
            **({"note": self.note} if self.note else {}),
        }
