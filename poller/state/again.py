"""What is sent a second time: from the ledger back into the outbox, past what keeps everything else from it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from poller.ports import Commit
from poller.state import outbox, progress, suppression
from poller.state.columns import seconds
from poller.state.database import Database
from poller.state.schema import ledger
from poller.state.statements import chunks


class SecondSending:
    """engine.replay.Again on the state store."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def delivered(self, message_ids: Sequence[UUID], before: datetime) -> set[UUID]:
        """Those that were delivered last before a moment (whole seconds), and are not in the outbox."""
        with self._database.read() as connection:
            found: set[UUID] = set()
            for some in chunks(message_ids):
                asked = ledger.c.message_id.in_(some), ledger.c.delivered < seconds(before)
                found.update(connection.scalars(select(ledger.c.message_id).where(*asked)))
            return found - outbox.held(connection, message_ids)

    def commit(self, commit: Commit) -> int:
        """Store a page in one transaction, though the ledger has its messages; returns how many were put in.

        A message that waits in the outbox stays as it is; those of a suppressed customer are never admitted.
        """
        with self._database.write() as connection:
            suppression.suppress(connection, commit)
            admitted = outbox.admit(connection, commit, is_again=True)
            progress.set_marks(connection, commit)
            return admitted

    def count(self, since: datetime, until: datetime) -> int:
        """How many facts of a period were delivered; reads all of the ledger."""
        happened = ledger.c.occurred >= seconds(since), ledger.c.occurred < seconds(until)
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(ledger).where(*happened)).scalar_one()
