"""What an audit found: sums by day, shop, currency and event, and every difference with the thing behind it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta

from poller.engine.audit.compare import Fate, Verdict

KEPT_DIFFERENCES = 1_000
"""So many are listed one by one; the rest is only counted."""

DELAYS: tuple[tuple[str, timedelta], ...] = (
    ("1 s", timedelta(seconds=1)),
    ("2 s", timedelta(seconds=2)),
    ("5 s", timedelta(seconds=5)),
    ("30 s", timedelta(seconds=30)),
    ("5 min", timedelta(minutes=5)),
    ("1 h", timedelta(hours=1)),
    ("1 day", timedelta(days=1)),
)
LONGER = "longer"


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """What a sum is over: a day of the shop, a shop, a currency, an event."""

    day: date
    shop_id: int
    currency: str
    name: str


@dataclass(slots=True)
class Sum:
    """Facts of a cell: how many and how much by the shop's rows, how many and how much of it was told, and the rest.

    Amounts are in hundredths; `fates` counts what became of each.
    """

    facts: int = 0
    shop_minor: int = 0
    revenue_minor: int = 0
    told: int = 0
    told_minor: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)

    def add(self, verdict: Verdict, revenue_minor: int = 0) -> None:
        """Count a fact."""
        self.fates[verdict.fate] += 1
        if verdict.shop_minor is not None and verdict.fate not in ("excluded", "twice", "unfounded"):
            self.facts += 1
            self.shop_minor += verdict.shop_minor
            self.revenue_minor += revenue_minor
        if verdict.occurred_at is not None:
            self.told += 1
            self.told_minor += verdict.told_minor or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One disagreement, and where to look."""

    thing: str
    key: int
    name: str
    fate: Fate
    at: datetime
    shop_minor: int | None
    told_minor: int | None
    currency: str
    reason: str


@dataclass(slots=True)
class AuditReport:
    """The whole of it. `since` and `until` bound the facts' times; `excluded` and `under_way` count by reason."""

    since: datetime
    until: datetime
    shops: Mapping[int, str]
    sums: dict[Cell, Sum] = field(default_factory=dict)
    excluded: Counter[str] = field(default_factory=Counter)
    under_way: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    difference_count: int = 0
    delays: Counter[str] = field(default_factory=Counter)
    delivered: Mapping[str, int] = field(default_factory=dict)
    things: Counter[str] = field(default_factory=Counter)

    @property
    def is_clean(self) -> bool:
        """Whether shop and ledger agree."""
        return not self.difference_count

    def sum_of(self, cell: Cell) -> Sum:
        """The sum of a cell."""
        return self.sums.setdefault(cell, Sum())

    def disagree(self, difference: Difference) -> None:
        """Note a difference."""
        self.difference_count += 1
        if len(self.differences) < KEPT_DIFFERENCES:
            self.differences.append(difference)

    def delay(self, verdict: Verdict) -> None:
        """Count how long a fact took from the shop to Segment; whole seconds, for PrestaShop dates no finer."""
        if verdict.delivered_at is None or verdict.occurred_at is None:
            return
        took = verdict.delivered_at - verdict.occurred_at
        self.delays[next((label for label, most in DELAYS if took <= most), LONGER)] += 1

    def by_month(self) -> dict[Cell, Sum]:
        """The sums of months; a month is named by its first day."""
        months: dict[Cell, Sum] = {}
        for cell, found in self.sums.items():
            month = months.setdefault(Cell(cell.day.replace(day=1), cell.shop_id, cell.currency, cell.name), Sum())
            month.facts += found.facts
            month.shop_minor += found.shop_minor
            month.revenue_minor += found.revenue_minor
            month.told += found.told
            month.told_minor += found.told_minor
            month.fates += found.fates
        return months

    def as_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON once dates are text."""
        return {
            "since": self.since,
            "until": self.until,
            "clean": self.is_clean,
            "things": dict(self.things),
            "days": [_row(cell, found, self.shops) for cell, found in sorted(self.sums.items())],
            "months": [_row(cell, found, self.shops) for cell, found in sorted(self.by_month().items())],
            "excluded": dict(self.excluded),
            "under_way": dict(self.under_way),
            "remarks": dict(self.remarks),
            "difference_count": self.difference_count,
            "differences": [asdict(difference) for difference in self.differences],
            "delays": {label: self.delays[label] for label in (*(label for label, _ in DELAYS), LONGER)},
            "delivered": dict(self.delivered),
        }


def _row(cell: Cell, found: Sum, shops: Mapping[int, str]) -> dict[str, object]:
    return {
        "day": cell.day,
        "shop_id": cell.shop_id,
        "shop": shops.get(cell.shop_id, ""),
        "currency": cell.currency,
        "event": cell.name,
        "facts": found.facts,
        "shop_total": found.shop_minor / 100,
        "shop_revenue": found.revenue_minor / 100,
        "told": found.told,
        "told_total": found.told_minor / 100,
        "difference": (found.told_minor - found.shop_minor) / 100,
        **{fate.replace(" ", "_"): count for fate, count in sorted(found.fates.items())},
    }
