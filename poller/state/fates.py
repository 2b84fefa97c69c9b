"""What became of single messages."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from poller.engine.explain import Fate
from poller.state.columns import from_seconds
from poller.state.outbox import BURIED, PENDING
from poller.state.schema import ledger, outbox
from poller.state.statements import chunks

_ACCEPTED = "Segment accepted it"


def of(connection: Connection, message_ids: Sequence[UUID]) -> dict[UUID, Fate]:
    """The fates of those that are known."""
    found: dict[UUID, Fate] = {}
    for some in chunks(message_ids):
        settled = select(ledger.c.message_id, ledger.c.delivered).where(ledger.c.message_id.in_(some))
        for message_id, at in connection.execute(settled):
            found[message_id] = Fate(standing="delivered", at=from_seconds(at), reason=_ACCEPTED)
        columns = (outbox.c.message_id, outbox.c.status, outbox.c.created_at, outbox.c.buried_at, outbox.c.reason)
        for row in connection.execute(select(*columns).where(outbox.c.message_id.in_(some))):
            at = row.buried_at if row.status == BURIED else row.created_at
            waits = "waits in the outbox" if row.status == PENDING else "given up by the operator"
            found[row.message_id] = Fate(standing=row.status, at=at, reason=row.reason or waits)
    return found
