"""sql/ops: the account with exactly those grants can do all the poller does, and an administrator can make it."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from poller.demo.receiver import Receiver
from poller.demo.server import PrivateMariaDB
from poller.shop.statements import sql_directory, statements
from tests.acceptance.process import COMMAND, environment, run, write_config
from tests.shop.opening import open_shop
from tests.sql.running import binds_for
from tests.support.mariadb import fresh_database

GRANTS = sql_directory() / "ops" / "grants.sql"
PASSWORD = "a password of its own"
GRANT = re.compile(r"^GRANT SELECT ON PREFIX_(\w+) TO 'poller'@'localhost';$", re.MULTILINE)
MODULE_GRANT = re.compile(r"'GRANT SELECT ON PREFIX_(\w+) TO ''poller''@''localhost''")
PREFIX = "shop1_"


def read_tables() -> tuple[set[str], set[str]]:
    """The tables that statements read: those of every shop, and those of modules."""
    read = {table for statement in statements().values() for table in statement.reads}
    shops = {table for table in read if "." not in table and table != "nothing"}
    modules = {table for statement in statements().values() for table in statement.needs}
    return shops - modules, modules


def test_the_script_grants_what_is_read_and_nothing_else() -> None:
    text = GRANTS.read_text(encoding="utf-8")
    found = GRANT.findall(text)
    shops, modules = read_tables()
    assert found == sorted(shops), "one line for each table, in order"
    assert set(MODULE_GRANT.findall(text)) == modules
    assert len(re.findall(r"^\s*GRANT ", text, re.MULTILINE)) == len(found) + 1, "and PROCESS"


@dataclass(frozen=True, slots=True)
class Granted:
    """A database and what the account may do there."""

    name: str
    server: PrivateMariaDB

    def grants(self) -> set[str]:
        with self.server.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SHOW GRANTS FOR 'poller'@'localhost'")
            return {row[0] for row in cursor.fetchall()}


@contextmanager
def granted(server: PrivateMariaDB, *, without: tuple[str, ...] = ()) -> Iterator[Granted]:
    """A demo shop on which an administrator ran the script twice, as the command prints it."""
    printed = subprocess.run(
        [COMMAND, "sql", "ops/grants"],
        env=environment() | {"POLLER_SHOP__PREFIX": PREFIX} | _ENOUGH,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "PREFIX_" not in printed
    with fresh_database(server, "demo", prefix=PREFIX) as name:
        with server.connect(name) as connection, connection.cursor() as cursor:
            for table in without:
                cursor.execute(f"DROP TABLE {PREFIX}{table}")
        try:
            for _ in range(2):
                subprocess.run(
                    ["mariadb", "--no-defaults", "-uroot", "-S", server.socket, name],
                    input=printed.replace(":password", f"'{PASSWORD}'"),
                    text=True,
                    check=True,
                )
            yield Granted(name, server)
        finally:
            with server.connect() as connection, connection.cursor() as cursor:
                cursor.execute("DROP USER 'poller'@'localhost'")


_ENOUGH = {"POLLER_SHOP__URL": "mysql+pymysql://poller@localhost/shop", "POLLER_SEGMENT__WRITE_KEY": "test-write-key"}


@pytest.mark.parametrize("without", [(), ("psgdpr_log",)], ids=["with all modules", "without modules"])
def test_the_account_can_do_all_the_poller_does(
    server: PrivateMariaDB, tmp_path: Path, without: tuple[str, ...]
) -> None:
    shops, modules = read_tables()
    readable = shops | modules - set(without)
    with granted(server, without=without) as account, Receiver() as receiver:
        told = {grant for grant in account.grants() if not grant.startswith("GRANT PROCESS ON *.*")}
        assert told == {
            f"GRANT SELECT ON `{account.name}`.`{PREFIX}{table}` TO `poller`@`localhost`" for table in readable
        }
        shop = open_shop(server, account.name, user="poller", password=PASSWORD, prefix=PREFIX)
        with shop.session() as (session, schema):
            assert schema.knows_horizon
            assert set(schema.columns) == readable
            for name, statement in statements().items():
                session.rows(name, **binds_for(statement, ids=[1, 2, 3], prefix=PREFIX))
        url = server.url(account.name, user="poller", password=PASSWORD.replace(" ", "%20"))
        config = write_config(tmp_path, shop_url=url, segment_url=receiver.url, shop={"prefix": PREFIX})
        checked = run(config, "check", "--json")
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert '"warning"' not in checked.stdout


def test_the_script_does_nothing_before_a_password_was_written(server: PrivateMariaDB) -> None:
    with fresh_database(server, "demo") as name:
        done = subprocess.run(
            ["mariadb", "--no-defaults", "-uroot", "-S", server.socket, name],
            input=GRANTS.read_text(encoding="utf-8").replace("PREFIX_", "ps_"),
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 1
        assert ":password" in done.stderr
        with server.connect() as connection, connection.cursor() as cursor:
            assert cursor.execute("SELECT user FROM mysql.user WHERE user = 'poller'") == 0
