"""Customers of whom nothing more may be sent."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from poller.ports import Commit
from poller.state import outbox
from poller.state.schema import suppressed
from poller.state.statements import upsert


def suppress(connection: Connection, commit: Commit) -> None:
    """List a page's customers, since when they first were and why they last were, and purge what waits about them."""
    if not commit.suppressed:
        return
    rows = [{"customer_id": s.customer_id, "reason": s.reason, "since": commit.at} for s in commit.suppressed]
    connection.execute(upsert(suppressed, "reason"), rows)
    outbox.purge(connection, [s.customer_id for s in commit.suppressed])


def reasons(connection: Connection) -> Mapping[int, str]:
    """All of them."""
    rows = connection.execute(select(suppressed.c.customer_id, suppressed.c.reason))
    return dict(rows.all())
