"""Migrations: applied in order they give the schema, each whole or not at all, and never backwards."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from poller.errors import ConfigurationError
from poller.ports import Delivery
from poller.state.database import Database, connect
from poller.state.migrations import MIGRATIONS, Migration, migrate, require_current
from poller.state.schema import metadata, schema_version
from poller.state.store import StateStore, open_state
from tests.state.builders import AT, SECOND

PARTS = ("table_xinfo", "foreign_key_list")


def shape(database: Database) -> dict[str, object]:
    """Columns, keys, indexes and table options as SQLite itself tells them: what an ALTER TABLE can also reach."""
    with database.read() as connection:

        def pragma(name: str, of: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in connection.exec_driver_sql(f'PRAGMA {name}("{of}")')]

        tables = [row[1] for row in connection.exec_driver_sql("PRAGMA table_list") if not row[1].startswith("sqlite_")]
        described: dict[str, object] = {table: [pragma(part, table) for part in PARTS] for table in tables}
        # An index's number in its table is the order of creation, which says nothing.
        indexes = sorted(index[1:] for table in tables for index in pragma("index_list", table))
        described |= {str(index[0]): (index, pragma("index_xinfo", str(index[0]))) for index in indexes}
        described["options"] = sorted(
            tuple(row)[1:] for row in connection.exec_driver_sql("PRAGMA table_list") if row[1] in tables
        )
        partial = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
        described["partial"] = sorted(tuple(row) for row in connection.exec_driver_sql(partial))
    return described


def test_migrations_applied_in_order_are_the_schema() -> None:
    migrated, declared = connect(None), connect(None)
    migrate(migrated, AT)
    with declared.write() as connection:
        metadata.create_all(connection)
    assert shape(migrated) == shape(declared)
    assert {"ledger", "outbox_waiting", "memory_again", "schema_version"} <= set(shape(migrated))
    migrated.close()
    declared.close()


def test_numbers_follow_one_another_from_one() -> None:
    assert [migration.number for migration in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))


def test_each_migration_is_recorded_once() -> None:
    database = connect(None)
    migrate(database, AT)
    migrate(database, AT)
    with database.read() as connection:
        assert [tuple(row) for row in connection.execute(select(schema_version))] == [
            (migration.number, migration.title, AT) for migration in MIGRATIONS
        ]
    database.close()


def fails(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE half (a INTEGER)")
    connection.exec_driver_sql("INSERT INTO meta VALUES ('half', 'done')")
    raise RuntimeError


def works(connection: Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE meta ADD COLUMN note TEXT")


def test_a_migration_that_fails_leaves_nothing_and_the_next_start_goes_on_from_there() -> None:
    database = connect(None)
    migrate(database, AT)
    before = shape(database)
    following = len(MIGRATIONS) + 1
    with pytest.raises(RuntimeError):
        migrate(database, AT, [*MIGRATIONS, Migration(following, "fails", fails)])
    assert shape(database) == before
    migrate(database, AT, [*MIGRATIONS, Migration(following, "works", works)])
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT note FROM meta").all() == []
        assert connection.scalars(select(schema_version.c.title)).all()[-1] == "works"
    database.close()


def test_a_newer_store_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    with open_state(url) as store, store._database.write() as connection:
        connection.execute(insert(schema_version).values(number=99, title="from the future", applied_at=AT))
    for read_only in (False, True):
        with pytest.raises(ConfigurationError) as caught:
            open_state(url, read_only=read_only)
        assert caught.value.message == (
            f"The state store {tmp_path}/state.db has version 99, this program knows up to {MIGRATIONS[-1].number}."
        )
        assert "Install the version" in caught.value.hint


def test_a_reader_does_not_bring_an_older_store_up_to_date() -> None:
    database = connect(None)
    migrate(database, AT)
    following = [*MIGRATIONS, Migration(len(MIGRATIONS) + 1, "works", works)]
    with pytest.raises(ConfigurationError) as caught:
        require_current(database, following)
    assert f"this program reads version {following[-1].number}" in caught.value.message
    assert "poller run" in caught.value.hint
    database.close()


def test_a_ledger_of_days_becomes_one_of_seconds() -> None:
    database = connect(None)
    migrate(database, AT, MIGRATIONS[:1])
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO name VALUES (1, 'order', 'Order Completed')")
        connection.exec_driver_sql("INSERT INTO ledger VALUES (x'00', 1, 17, 19844, 1050, 'EUR', 19845)")
    migrate(database, AT)
    with database.read() as connection:
        assert [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM ledger")] == [
            (b"\x00", 1, 17, 19844 * 86_400, 1050, "EUR", 19845 * 86_400)
        ]
    database.close()


def test_a_store_of_the_first_version_keeps_what_waits_and_its_backoff() -> None:
    database = connect(None)
    migrate(database, AT, MIGRATIONS[:1])
    row = "1, zeroblob(16), 'live', 'x', 'order', 17, NULL, 5, 5, 2, NULL, NULL, 'pending', NULL, NULL, '{}'"
    with database.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO outbox VALUES ({row})")
        connection.exec_driver_sql("INSERT INTO delivery VALUES (1, 3, 9000000, 1, 'no key', 8000000)")
    migrate(database, AT)
    store = StateStore(database)
    assert [(message.key, message.text) for message in store.pending(limit=9, max_bytes=100)] == [(17, "{}")]
    assert store.pending_by_shop() == {0: 1}
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    kept = Delivery(attempts=3, not_before=epoch + 9 * SECOND, stopped=True, reason="no key", since=epoch + 8 * SECOND)
    assert store.deliveries() == {"default": kept}
    assert store.delivery() == kept


def test_what_was_delivered_before_there_was_a_tally_is_in_it() -> None:
    database = connect(None)
    migrate(database, AT, MIGRATIONS[:2])
    with database.write() as connection:
        connection.exec_driver_sql("INSERT INTO name VALUES (1, 'order', 'Order Completed'), (2, 'order', 'identify')")
        for number, name in ((b"a", 1), (b"b", 1), (b"c", 2)):
            row = "INSERT INTO ledger VALUES (?, ?, 17, 19844, 1050, 'EUR', 19845)"
            connection.exec_driver_sql(row, (number, name))
    migrate(database, AT)
    with database.read() as connection:
        assert [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM tally ORDER BY name")] == [
            (0, "delivered", "Order Completed", 2),
            (0, "delivered", "identify", 1),
        ]
    database.close()
