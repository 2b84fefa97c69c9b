"""What can be done to a good stage, so that `poller check` has something to find."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeAlias

from poller.demo.receiver import Redirect, Status
from poller.demo.server import PrivateMariaDB
from tests.acceptance.stage import Stage
from tests.acceptance.test_custom_events import TABLES, write
from tests.segment.server import Answer, ScriptedServer
from tests.support.mariadb import fresh_database

Undone: TypeAlias = Callable[[Stage], AbstractContextManager[None]]
"""What is done for as long as a block lasts."""
Arrange: TypeAlias = Callable[[Stage], AbstractContextManager[None] | None]
"""What is done; a context manager where it must be undone."""


def settings(**changed: Any) -> Arrange:
    """Other settings."""

    def arrange(stage: Stage) -> None:
        stage.configure(**changed)

    return arrange


def sql(*statements: str) -> Arrange:
    """Something happens to the shop's tables."""

    def arrange(stage: Stage) -> None:
        for statement in statements:
            stage.keeper.run(statement)

    return arrange


def server(variable: str, value: object) -> Undone:
    """The server runs with another global setting, as long as the case takes."""

    @contextmanager
    def arranged(stage: Stage) -> Iterator[None]:
        with stage.keeper.connection.cursor() as cursor:
            cursor.execute(f"SELECT @@GLOBAL.{variable}")
            ((before,),) = cursor.fetchall()
        stage.keeper.run(f"SET GLOBAL {variable} = %s", value)
        try:
            yield
        finally:
            stage.keeper.run(f"SET GLOBAL {variable} = %s", before)

    return arranged


def account(*grants: str, password: str = "", given: str = "", database: str = "", **shop: Any) -> Undone:
    """Another account reads, with those grants; DATABASE in a grant is the stage's."""

    @contextmanager
    def arranged(stage: Stage) -> Iterator[None]:
        named = [grant.replace("DATABASE", stage.database) for grant in grants]
        stage.server.create_account("clerk", *named, password=password)
        url = stage.server.url(database or stage.database, user="clerk", password=given or password)
        stage.configure(shop={"url": url, **shop})
        try:
            yield
        finally:
            stage.keeper.run("DROP USER clerk@'%%'")

    return arranged


def lacking(table: str) -> Undone:
    """An account that may read all tables but that one."""

    @contextmanager
    def arranged(stage: Stage) -> Iterator[None]:
        grants = [f"SELECT ON DATABASE.{name}" for name in stage.tables() if name != f"ps_{table}"]
        with account("PROCESS ON *.*", *grants)(stage):
            yield

    return arranged


@contextmanager
def by_network(stage: Stage) -> Iterator[None]:
    """A server at an address that is not loopback's usual one, without TLS."""
    with PrivateMariaDB("--bind-address=127.0.0.2", port=0) as away, fresh_database(away, "demo") as name:
        stage.configure(shop={"url": away.tcp_url(name).replace("127.0.0.1", "127.0.0.2"), "tls": "off"})
        yield


@contextmanager
def slow_clock(stage: Stage) -> Iterator[None]:
    """The database's clock stands an hour back, for everybody but its administrators."""
    then = int((datetime.now(UTC) - timedelta(hours=1)).timestamp())
    with server("init_connect", f"SET timestamp = {then}")(stage), account("SELECT ON DATABASE.*")(stage):
        yield


@contextmanager
def segment_of(stage: Stage, answer: Answer) -> Iterator[None]:
    with ScriptedServer(answer) as host:
        stage.configure(segment={"host": host.url})
        yield


def answered(**said: Any) -> Arrange:
    """Segment, or who is in its place, answers so."""
    return lambda stage: segment_of(stage, Answer(**said))


def dated_otherwise(stage: Stage) -> AbstractContextManager[None]:
    """Segment's clock is two hours back."""
    return segment_of(stage, Answer(headers={"Date": format_datetime(datetime.now(UTC) - timedelta(hours=2))}))


def failing(fault: Redirect | Status) -> Arrange:
    """The receiver fails so."""

    def arrange(stage: Stage) -> None:
        stage.receiver.always(fault)

    return arrange


def large_without_index(stage: Stage) -> None:
    """A line table of some size whose index a clean-up took away."""
    stage.keeper.run(
        "INSERT INTO PREFIX_order_detail (id_order, id_warehouse, id_shop, product_id, product_name) "
        "SELECT seq, 0, 1, 1, 'x' FROM seq_1_to_30000"
    )
    with stage.keeper.connection.cursor() as cursor:
        cursor.execute("SHOW INDEX FROM ps_order_detail WHERE Column_name = 'id_order' AND Seq_in_index = 1")
        names = {row[2] for row in cursor.fetchall()}
    assert names
    for name in names:
        stage.keeper.run(f"ALTER TABLE PREFIX_order_detail DROP INDEX {name}")
    stage.keeper.run("ANALYZE TABLE PREFIX_order_detail")


def future_orders(stage: Stage) -> None:
    """The web server's PHP lives five hours east of PS_TIMEZONE."""
    stage.keeper.at = datetime.now(UTC) + timedelta(hours=5)
    stage.keeper.order(stage.keeper.customer())


def undated_orders(stage: Stage) -> None:
    stage.keeper.order(stage.keeper.customer())
    stage.keeper.run("UPDATE PREFIX_orders SET date_add = '0000-00-00 00:00:00'")


def in_no_directory(stage: Stage) -> None:
    stage.configure(state={"url": f"sqlite:///{stage.directory}/none/state.db"})


def of_no_database(stage: Stage) -> None:
    stage.configure(shop={"url": stage.server.url("nowhere")})


def opened_directory(mode: int) -> Arrange:
    def arrange(stage: Stage) -> None:
        place = stage.directory / "open"
        place.mkdir()
        place.chmod(mode)
        stage.configure(state={"url": f"sqlite:///{place}/state.db"})

    return arrange


def damaged(stage: Stage) -> None:
    """Some pages in the middle of the store are overwritten."""
    stage.keeper.order(stage.keeper.customer())
    stage.catch_up()
    content = bytearray(stage.state.read_bytes())
    content[-len(content) // 2 :] = b"x" * (len(content) // 2)
    stage.state.write_bytes(content)


def of_another_program(stage: Stage) -> None:
    stage.state.write_bytes(b"this is a letter to my aunt, and no database" * 100)
    stage.state.chmod(0o600)


def stopped(stage: Stage) -> None:
    """Segment refused the key in a run before; now it answers again."""
    stage.keeper.order(stage.keeper.customer())
    stage.receiver.always(Status(401))
    assert stage.run("catch-up").returncode == 78
    stage.receiver.always(None)


def buried(stage: Stage) -> None:
    stage.keeper.order(stage.keeper.customer())
    stage.receiver.always(Status(400))
    stage.run("catch-up")
    stage.receiver.always(None)


def crowded(stage: Stage) -> None:
    """Fifty thousand copies of a message wait."""
    stage.keeper.order(stage.keeper.customer())
    stage.receiver.always(Status(503))
    stage.run("catch-up")
    stage.receiver.always(None)
    with sqlite3.connect(stage.state) as state:
        columns = [row[1] for row in state.execute("PRAGMA table_info(outbox)") if row[1] not in {"seq", "message_id"}]
        named = ", ".join(columns)
        state.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) "
            f"INSERT INTO outbox (message_id, {named}) SELECT randomblob(16), {named} FROM n, "
            "(SELECT * FROM outbox LIMIT 1)"
        )
    state.close()


def custom(text: str, *, settings: dict[str, Any] | None = None, rows: int = 3) -> Arrange:
    """A custom event of an e-mail module, by that statement."""

    def arrange(stage: Stage) -> None:
        for statement in TABLES.split(";"):
            stage.keeper.run(statement)
        stage.keeper.run(
            "INSERT INTO PREFIX_mailer_open (id_message, id_campaign, id_customer, id_shop, date_add) "
            f"SELECT seq, 3, 1, 1, '2024-03-04 12:00:00' FROM seq_1_to_{rows}"
        )
        if text:
            write(stage, "email_opened", text)
        stage.configure(custom_events={"email_opened": {"event": "Email Opened", **(settings or {})}})

    return arrange
