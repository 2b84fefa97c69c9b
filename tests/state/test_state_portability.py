"""The tables and the statements are written so that MySQL, MariaDB and PostgreSQL can run them too."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Dialect, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from poller.ports import Commit, Delivery, Suppressed
from poller.state.schema import metadata
from poller.state.store import open_state
from tests.state.builders import AT, LARGE, id_of, memory, messages

OTHERS = [make_url(url).get_dialect()() for url in ("mysql+pymysql://", "postgresql+psycopg://")]


def compiled(clause: Any, dialect: Dialect) -> str:
    return str(clause.compile(dialect=dialect))


@pytest.mark.parametrize("dialect", OTHERS, ids=lambda dialect: dialect.name)
def test_every_table_and_index_can_be_created(dialect: Dialect) -> None:
    tables = {table.name: compiled(CreateTable(table), dialect) for table in metadata.sorted_tables}
    for table in metadata.sorted_tables:
        for index in table.indexes:
            assert f" ON {table.name} (" in compiled(CreateIndex(index), dialect)
    ids, serial = {
        "mysql": ("message_id BINARY(16) NOT NULL", "seq BIGINT NOT NULL AUTO_INCREMENT"),
        "postgresql": ("message_id BYTEA NOT NULL", "seq BIGSERIAL NOT NULL"),
    }[dialect.name]
    assert ids in tables["ledger"]
    assert ids in tables["outbox"]
    assert serial in tables["outbox"]


def test_every_statement_is_plain_sqlalchemy_but_for_the_three_of_one_file(tmp_path: Path) -> None:
    seen: list[Any] = []
    with open_state(f"sqlite:///{tmp_path}/state.db") as store:

        def remember(connection: object, clause: Any, *rest: object) -> None:
            del connection, rest
            seen.append(clause)

        event.listen(store._database.engine, "before_execute", remember)
        store.claim_meta("a", store.meta("a") or "b")
        page = Commit(lane="live", at=AT, outgoing=messages(1, 2, 3), memories=[memory(1)], marks={"orders": "1"})
        store.commit(page)
        store.recall([("order", 1)])
        store.due(AT, 1)
        store.lately("order", 1)
        store.remembered("order", after=0, limit=1)
        store.known([id_of(1)])
        first, *rest = store.pending(limit=9, max_bytes=LARGE)
        store.bury(first, reason="no", at=AT)
        store.buried(1)
        store.drop([first.seq])
        store.replay()
        store.delivered(rest, AT)
        store.commit(Commit(lane="live", at=AT, suppressed=[Suppressed(customer_id=1, reason="erased")]))
        store.suppressed()
        store.set_delivery(Delivery())
        store.delivery()
        store.lane_progress()
        store.outbox_size()
        store.checkpoints()
        store.reset_mark("live", "orders")
        store.end_run(store.begin_run("run", "live", at=AT), "done", detail="", at=AT)
        store.runs(1)
        store.ledger_counts()
        store.ledger_size()
        store.ledger_totals(since=AT.date(), until=AT.date())
    special = [clause for clause in seen if isinstance(clause, sqlite.Insert)]
    plain = [clause for clause in seen if not isinstance(clause, sqlite.Insert)]
    assert {clause.table.name for clause in special} == {
        "meta",
        "checkpoint",
        "memory",
        "suppressed",
        "ledger",
        "standing",
        "tally",
    }
    assert len(plain) > 30
    for clause in plain:
        for dialect in OTHERS:
            assert compiled(clause, dialect)
