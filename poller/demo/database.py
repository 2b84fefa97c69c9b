"""The demo shop's database: our own PrestaShop 8.2 schema, and the small shop in it."""

from typing import Literal, TypeAlias

from poller.demo.server import Connection, PrivateMariaDB
from poller.shop.statements import sql_directory

Content: TypeAlias = Literal["schema", "data"]


def create_database(
    server: PrivateMariaDB, name: str, *, prefix: str = "ps_", content: tuple[Content, ...] = ("schema", "data")
) -> None:
    """Make a database and run these scripts of sql/demo in it, in order; none leaves it empty."""
    with server.connect() as connection:
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        connection.select_db(name)
        for script in content:
            run_script(connection, (sql_directory() / "demo" / f"{script}.sql").read_text(encoding="utf-8"), prefix)


def run_script(connection: Connection, script: str, prefix: str) -> None:
    """Run a script statement by statement; each ends with a semicolon at the end of a line."""
    with connection.cursor() as cursor:
        for statement in script.replace("PREFIX_", prefix).split(";\n"):
            if statement.strip():
                cursor.execute(statement)
