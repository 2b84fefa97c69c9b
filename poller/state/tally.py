"""The tally: how many messages were delivered, deferred and buried lately, and ever, by name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, select

from poller.state.schema import tally
from poller.state.statements import add_up

EVER: Final = 0
PERIOD_SECONDS: Final = 300
_KEPT: Final = timedelta(hours=25)


def count(connection: Connection, outcome: str, names: Iterable[str], *, at: datetime) -> None:
    """Count messages, in the five minutes at hand and for ever; what is older than a day is forgotten."""
    now = _period(at)
    rows = [
        {"period": period, "outcome": outcome, "name": name, "messages": messages}
        for name, messages in Counter(names).items()
        for period in (now, EVER)
    ]
    if rows:
        connection.execute(add_up(tally, "messages"), rows)
        stale = _period(at - _KEPT)
        connection.execute(delete(tally).where(tally.c.period > EVER, tally.c.period < stale))


def since(connection: Connection, moment: datetime | None) -> Mapping[str, Mapping[str, int]]:
    """By outcome and name: since that moment, to five minutes, or ever."""
    chosen = tally.c.period == EVER if moment is None else tally.c.period > _period(moment)
    statement = (
        select(tally.c.outcome, tally.c.name, func.sum(tally.c.messages))
        .where(chosen)
        .group_by(tally.c.outcome, tally.c.name)
        .order_by(tally.c.outcome, tally.c.name)
    )
    found: dict[str, dict[str, int]] = {}
    for outcome, name, messages in connection.execute(statement):
        found.setdefault(outcome, {})[name] = int(messages)
    return found


def _period(at: datetime) -> int:
    return max(int(at.timestamp()) // PERIOD_SECONDS * PERIOD_SECONDS, EVER + 1)
