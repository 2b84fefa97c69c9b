"""Query plans on a shop of real size: the key each statement names, few more rows than it returns, no big sort."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Row

from poller.demo.server import Connection, PrivateMariaDB
from poller.engine.clock import SystemClock
from poller.engine.pages import Pages
from poller.engine.poll import Poll, PollSettings
from poller.segment.compose import MessageComposer
from poller.segment.wire import Wire
from poller.shop.database import ShopDatabase
from poller.shop.session import CHUNK
from poller.shop.statements import Statement, sql_directory, statements
from poller.streams.registry import STREAMS
from tests.shop.opening import open_shop
from tests.sql.big_shop import make_big
from tests.sql.running import binds_for
from tests.sql.schemas import VERSIONS, tables
from tests.streams.builders import POLICY
from tests.support.fake_state import FakeState
from tests.support.mariadb import fresh_database

FULL_SCAN = "full scan"
SMALL = 500
SPAN = 1_000
"""So many keys are added up by a statement of the sweep that takes a span of them."""
CHILDREN = 4
"""Orders a customer and lines an order in this shop, on average: what a statement with GROUP BY adds up."""
IDLE_ROWS = 100
FIRST_IDS = {
    "load/products": 2_000,
    "load/product_images": 2_000,
    "load/product_tags": 2_000,
    "load/product_prices": 2_000,
    "load/variant_prices": 2_000,
    "load/carriers": 150,
    "load/variants": 2_000,
    "load/order_slip_lines": 0,
}
measured = pytest.mark.parametrize(
    "statement",
    [found for found in statements().values() if any("." not in table and table != "nothing" for table in found.reads)],
    ids=lambda found: found.name,
)


@dataclass(frozen=True, slots=True)
class Run:
    """What a statement did: its plan, its rows, and how many the server looked at and sorted for them."""

    plan: Sequence[Row[Any]]
    ids: int
    returned: int
    examined: int
    sorted: int


@dataclass(frozen=True, slots=True)
class BigShop:
    database: str
    shop: ShopDatabase
    connection: Connection

    def run(self, statement: Statement) -> Run:
        first, step = FIRST_IDS.get(statement.name, 3_000), 3 if statement.name in FIRST_IDS else 20
        ids = range(first, first + step * CHUNK, step)
        is_span = statement.name.startswith(("sweep/", "audit/")) and ":until_id" in statement.sql
        until: dict[str, Any] = {"until_id": 9_000 + SPAN} if is_span else {}
        if is_span and ":ids" in statement.sql:
            ids = range(1, 13)  # every state there is
        binds = binds_for(statement, ids=ids, after_id=9_000, since="2025-12-01 00:00:00", **until)
        with self.shop.session() as (session, schema):
            connection = session._connection
            explained = replace(statement, sql=f"EXPLAIN {statement.sql}").fitted(schema.columns, "ps_")
            plan = connection.execute(explained, binds).all()
            connection.exec_driver_sql("FLUSH STATUS")
            returned = len(session.rows(statement.name, **binds))
            counted = connection.exec_driver_sql("SHOW SESSION STATUS").all()
        status: Mapping[str, str] = {row[0]: row[1] for row in counted}
        examined = sum(int(value) for name, value in status.items() if name.startswith("Handler_read_"))
        has_ids = ":ids" in statement.sql
        return Run(plan, SPAN if is_span else len(ids) if has_ids else 0, returned, examined, int(status["Sort_rows"]))

    @contextmanager
    def indexed(self, ddl: str, table: str) -> Iterator[None]:
        with self.connection.cursor() as cursor:
            cursor.execute(ddl)
            try:
                yield
            finally:
                cursor.execute(f"DROP INDEX poller_ledger ON {table}")


@pytest.fixture(scope="module")
def big(server: PrivateMariaDB) -> Iterator[BigShop]:
    with fresh_database(server, "demo") as database, server.connect(database) as connection:
        make_big(connection)
        yield BigShop(database, open_shop(server, database), connection)


@measured
def test_it_uses_the_key_it_names(big: BigShop, statement: Statement) -> None:
    driving, *joined = big.run(statement).plan
    if statement.name in ("feeds/newest", "sweep/newest", "audit/newest"):
        assert {step.Extra for step in joined} == {"Select tables optimized away"}, "the end of each index, no row"
    elif statement.served_by.startswith(FULL_SCAN):
        assert driving.type == "ALL"
        assert int(driving.rows) < SMALL
    else:
        assert driving.key == statement.served_by
        assert driving.type in ("range", "ref") or "LIMIT" in statement.sql
    for step in joined:
        assert step.type != "ALL" or int(step.rows) < SMALL, f"all of {step.table} for each row"


@measured
def test_it_reads_few_more_rows_than_it_returns(big: BigShop, statement: Statement) -> None:
    """Two steps for an id or row in each of its tables, and three to sort the result or to make it distinct."""
    run = big.run(statement)
    children = CHILDREN if "GROUP BY" in statement.sql or "MAX(" in statement.sql else 1
    assert run.examined <= (2 * len(statement.reads) + 3) * max(run.returned, run.ids * children) + 20


@measured
def test_it_sorts_nothing_but_its_result(big: BigShop, statement: Statement) -> None:
    run = big.run(statement)
    assert run.sorted <= (0 if "LIMIT" in statement.sql else run.returned)


@pytest.mark.parametrize("name", ["feeds/orders", "feeds/cart_touched", "load/customer_orders", "sweep/order_blocks"])
def test_the_measure_notices_a_statement_that_reads_too_much(big: BigShop, name: str) -> None:
    """A net for the tests above: the same statement without its key reads far more than it may."""
    statement = statements()[name]
    spoiled = re.sub(r"( AS [to]\n)", r"\1USE INDEX ()\n", statement.sql)
    with big.shop.session() as (session, schema):
        connection = session._connection
        connection.exec_driver_sql("FLUSH STATUS")
        clause = replace(statement, sql=spoiled).fitted(schema.columns, "ps_")
        binds = binds_for(statement, ids=range(3_000, 3_500), after_id=9_000, since="2025-12-01 00:00:00")
        connection.execute(clause, binds).all()
        counted = connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Handler_read%%'").all()
    assert sum(int(value) for _, value in counted) > 10_000


@measured
def test_the_key_is_there_in_every_version(statement: Statement) -> None:
    driving = statement.sql.partition("FROM PREFIX_")[2].split()[0]
    if statement.served_by.startswith(FULL_SCAN):
        return
    for version in VERSIONS:
        if driving in tables(version):
            names = {name for column in tables(version)[driving] for _, name, _ in column.indexes}
            assert statement.served_by in names, version


def indexes() -> list[tuple[str, str, str]]:
    """The optional indexes: the statement each is for, its table, and how it is made."""
    text = (sql_directory() / "ops" / "indexes.sql").read_text(encoding="utf-8").replace("PREFIX_", "ps_")
    found = []
    for block in text.split("\n\n"):
        comment, _, ddl = block.partition("CREATE INDEX")
        if ddl:
            found.append((comment.split(":")[0].removeprefix("-- "), ddl.split()[2], f"CREATE INDEX{ddl}"))
    return found


@pytest.mark.parametrize(("name", "table", "ddl"), indexes(), ids=lambda value: str(value).split("\n", maxsplit=1)[0])
def test_an_optional_index_buys_what_it_promises(big: BigShop, name: str, table: str, ddl: str) -> None:
    """The rows come from the index alone."""
    without = big.run(statements()[name])
    with big.indexed(ddl.rstrip().rstrip(";"), table):
        step = big.run(statements()[name]).plan[0]
    assert "Using index" not in str(without.plan[0].Extra).replace("Using index condition", "")
    assert step.key == "poller_ledger"
    assert "Using index" in str(step.Extra).replace("Using index condition", "")


def rows_read(connection: Connection) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Handler_read%'")
        return sum(int(value) for _, value in cursor.fetchall())


def test_an_idle_poll_reads_fewer_than_a_hundred_rows(big: BigShop) -> None:
    """[1], [41] Everything between two polls of a shop in which nothing happens, the session itself included."""
    state = FakeState()
    pages = Pages(
        state, MessageComposer(Wire(namespace=POLICY.namespace, write_key="k")), streams=STREAMS, policy=POLICY
    )
    settings = PollSettings(page_size=5_000, load_budget=1.0)
    poll = Poll(big.shop, state, pages=pages, streams=STREAMS, settings=settings, clock=SystemClock())
    for _ in range(20):
        if poll.once().is_idle:
            break
    before = rows_read(big.connection)
    counting = rows_read(big.connection) - before
    before = rows_read(big.connection)
    report = poll.once()
    examined = rows_read(big.connection) - before - counting
    assert report.is_idle, report.as_log()
    assert not report.failed
    assert examined < IDLE_ROWS
