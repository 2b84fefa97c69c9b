"""Forward only: numbered changes of the tables, each in one transaction with the record that it was made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, insert, inspect, select

from poller.errors import ConfigurationError
from poller.state import migration_0001, migration_0002, migration_0003, migration_0004, migration_0005
from poller.state.database import Database
from poller.state.schema import schema_version


@dataclass(frozen=True, slots=True)
class Migration:
    """One change; its number is its place in the order, and neither ever changes once released."""

    number: int
    title: str
    apply: Callable[[Connection], None]


MIGRATIONS: Final = (
    Migration(1, "first tables", migration_0001.apply),
    Migration(2, "the ledger counts seconds", migration_0002.apply),
    Migration(3, "several sources", migration_0003.apply),
    Migration(4, "what the sweep saw", migration_0004.apply),
    Migration(5, "tally of messages", migration_0005.apply),
)


def migrate(database: Database, at: datetime, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the tables up to date. Safe to be called by several processes at once: each change is made once.

    Raises ConfigurationError for a file that a newer version wrote, or that is not a state store.
    """
    for migration in migrations:
        with database.write() as connection:
            if _version(connection, migrations, database.place) >= migration.number:
                continue
            migration.apply(connection)
            connection.execute(
                insert(schema_version), {"number": migration.number, "title": migration.title, "applied_at": at}
            )


def require_current(database: Database, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Refuse tables other than this version's: a reader may not change them."""
    with database.read() as connection:
        version = _version(connection, migrations, database.place)
    if version < migrations[-1].number:
        raise ConfigurationError(
            f"The state store {database.place} has version {version}, this program reads version "
            f"{migrations[-1].number}.",
            hint="Start the poller once: `poller run` and `poller catch-up` bring it up to date.",
        )


def _version(connection: Connection, migrations: Sequence[Migration], place: str) -> int:
    tables = inspect(connection).get_table_names()
    if schema_version.name not in tables:
        if tables:
            raise ConfigurationError(
                f"The file {place} is a database, but not a state store.",
                hint="Let state.url name a file of its own; the poller creates it.",
            )
        return 0
    version = connection.execute(select(func.max(schema_version.c.number))).scalar_one() or 0
    if version > migrations[-1].number:
        raise ConfigurationError(
            f"The state store {place} has version {version}, this program knows up to {migrations[-1].number}.",
            hint="Install the version of the poller that wrote it, or a newer one; there is no way back for a file.",
        )
    return int(version)
