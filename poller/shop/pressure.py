"""How busy the shop's database is: what it tells every account, and a replica's lag to those that may see it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from poller.engine.courtesy import Pressure
from poller.shop.session import Session

_LAGS = ("Seconds_Behind_Source", "Seconds_Behind_Master")
"""MySQL 8.0.22 and later write the first, all others the second."""


def read_pressure(session: Session) -> Pressure:
    """Statements that run beside this one, and the lag of a replica that is at work."""
    status = session.show("SHOW GLOBAL STATUS LIKE 'Threads_running'")
    running = int(status["Value"]) if status else 1
    return Pressure(running=max(running - 1, 0), lag=lag_of(session.show("SHOW REPLICA STATUS", "SHOW SLAVE STATUS")))


def lag_of(row: Mapping[str, Any] | None) -> timedelta | None:
    """The lag in a replica's status; None of a primary, and of one that stands still: waiting would not mend it."""
    seconds = next((row[name] for name in _LAGS if row.get(name) is not None), None) if row else None
    return None if seconds is None else timedelta(seconds=int(seconds))
