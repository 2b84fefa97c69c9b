"""Values out of the shop's rows: text that is text, money that is Decimal, local time that becomes UTC here only."""

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def as_text(value: object) -> str:
    """Text, trimmed; NULL is empty, and bytes that are no UTF-8 keep what can be read."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return str(value).strip()


def as_money(value: object) -> Decimal:
    """An amount; NULL is zero."""
    if value is None:
        return Decimal(0)
    return value if isinstance(value, Decimal) else Decimal(str(value))


def as_int(value: object) -> int:
    """A number; NULL is zero."""
    if isinstance(value, int):
        return int(value)
    return 0 if value is None else int(str(value))


def as_date(value: object) -> date | None:
    """A date; PrestaShop's `0000-00-00` is none (the driver hands it over as a string)."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value if value.year > 1 else None
    return None


@dataclass(frozen=True, slots=True)
class LocalTime:
    """The shop's wall clock: PHP writes dates without an offset, in `PS_TIMEZONE`."""

    zone: ZoneInfo

    def utc(self, value: object, now: datetime) -> datetime | None:
        """A stamp as aware UTC; zero dates, NULL, and the first and last year, which may lie outside UTC's, are none.

        In the hour that comes twice in autumn, the later of the two that is not in the future is taken: rows are
        read soon after they are written. `now` is the database's clock.
        """
        if not isinstance(value, datetime) or value.year in {MINYEAR, MAXYEAR}:
            return None
        epoch = _local_epoch(self.zone, value.toordinal())
        if epoch is not None:
            return _EPOCH + (value - epoch)
        offset = self.zone.utcoffset(value.replace(fold=0))
        if offset is not None and offset == self.zone.utcoffset(value.replace(fold=1)):
            return (value - offset).replace(tzinfo=UTC)
        first = value.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        second = value.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        later = max(first, second)
        return later if later <= now else min(first, second)

    def local_text(self, moment: datetime) -> str:
        """A moment as the shop would write it."""
        return moment.astimezone(self.zone).replace(tzinfo=None, microsecond=0).isoformat(sep=" ")


@lru_cache(maxsize=8_192)
def _local_epoch(zone: ZoneInfo, day: int) -> datetime | None:
    """1970 UTC by a clock with that day's offset; None where the clock is set in its course, or at either end of it."""
    ends = (datetime.fromordinal(day), datetime.fromordinal(day) + timedelta(days=1))
    offsets = {zone.utcoffset(end.replace(fold=fold)) for end in ends for fold in (0, 1)}
    offset = offsets.pop()
    return None if offsets or offset is None else _EPOCH.replace(tzinfo=None) + offset
