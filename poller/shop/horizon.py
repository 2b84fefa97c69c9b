"""The database's clock, and its horizon: the start of the oldest transaction that still runs."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from poller.core.feeds import Reading
from poller.shop.schema import Schema
from poller.shop.session import Session

_DAY_SECONDS = 93_600
_RENEWED = 0.2
"""InnoDB renews its list of transactions only when nobody has read it for 0.1 s: so we do not read it more often."""
_FRESH = timedelta(seconds=2)
"""How old the list may be: less than `core.watermarks.MARGIN`, by more than the second that its times are cut to."""


@dataclass(frozen=True, slots=True)
class _Look:
    """The last look at the list: of which schema, when by the monotonic clock, and the last horizon read well."""

    schema: Schema
    at: float
    horizon: datetime | None


class Horizon:
    """Reads the horizon, and keeps the last good one: an old horizon closes gaps later, and never too soon."""

    def __init__(self) -> None:
        self._last: _Look | None = None

    def read(self, session: Session, schema: Schema) -> Reading:
        """The clock and the horizon, as UTC; to be called before the snapshot they are for."""
        clock = session.one("session/clock")
        now = utc(clock.utc_now)
        if not schema.knows_horizon:
            return Reading(now, None)
        last = self._last if self._last and self._last.schema is schema else None
        if last is None or time.monotonic() - last.at >= _RENEWED:
            found = _oldest(session, now, clock.offset_seconds, clock.last_26_hours_seconds)
            last = self._last = _Look(schema, time.monotonic(), found or (last.horizon if last else None))
        return Reading(now, last.horizon)


def read_clock(session: Session) -> datetime:
    """The database's clock, as UTC."""
    return utc(session.one("session/clock").utc_now)


def utc(value: datetime) -> datetime:
    """What `UTC_TIMESTAMP()` said."""
    return value.replace(tzinfo=UTC)


def _oldest(session: Session, now: datetime, offset_seconds: int, last_26_hours_seconds: int) -> datetime | None:
    """The start of the oldest transaction but our own, `now` if there is none; None where the list is an old copy.

    The list has us in it, as of just now, or it was made before: as when another program reads it every few
    milliseconds. `trx_started` is printed in the server's system zone. For 26 hours after a clock change it may be off
    by an hour, so the horizon is then taken an hour earlier: gaps live longer, and none is closed too soon.
    """
    with session.snapshot():
        row = session.one("session/horizon")
    if row.own is None or row.printed_now - row.own > _FRESH:
        return None
    if row.oldest is None:
        return now
    horizon = utc(row.oldest) - timedelta(seconds=offset_seconds)
    return min(horizon - timedelta(hours=last_26_hours_seconds != _DAY_SECONDS), now)
