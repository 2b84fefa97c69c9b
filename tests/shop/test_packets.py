"""Rows decoded here are the rows that the driver itself would have made."""

from collections.abc import Iterator

import pymysql
import pytest
from pymysql.connections import Connection

from poller.demo.server import PrivateMariaDB
from poller.shop.packets import QuickConnection, decoded, decoder
from tests.support.mariadb import fresh_database

_TABLE = """
CREATE TABLE every_type (
    id INT UNSIGNED NOT NULL PRIMARY KEY, tiny TINYINT, flag TINYINT(1) UNSIGNED, small SMALLINT, medium MEDIUMINT,
    big BIGINT, bits BIT(9), money DECIMAL(20, 6), rate DOUBLE, single FLOAT, born DATE, added DATETIME,
    exact DATETIME(6), stamped TIMESTAMP NULL, lasted TIME, founded YEAR, word VARCHAR(64), fixed CHAR(4), note TEXT,
    story LONGTEXT, raw BLOB, code VARBINARY(16), kind ENUM('a', 'b'), body JSON
) DEFAULT CHARSET = utf8mb4
"""
_ROWS = (
    (1, -7, 1, -300, 70_000, -(2**60), b"\x01\x02", "-12.340000", 0.1, 1.5, "1985-05-17", "2026-03-01 12:00:00",
     "2026-03-01 12:00:00.120000", "2026-03-01 12:00:00", "-01:30:00", 2026, "Zo\u00e9 \U0001f455", "x", "n" * 300,
     "s" * 70_000, b"\xff\x00" * 200, b"\x00\x01", "b", '{"a": [1, null]}'),
    (2, *(None,) * 23),
    (3, 0, 0, 0, 0, 0, b"\x00\x00", "0", 0.0, 0.0, "0000-00-00", "0000-00-00 00:00:00", "1969-00-00 00:00:00", None,
     "00:00:00", 0, "", "", "", "", b"", b"", "a", "[]"),
    (4, 1, 1, 1, 1, 1, b"\x00\x01", "99999999999999.999999", 1e300, -1.0, "9999-12-31", "9999-12-31 23:59:59",
     "0001-01-01 00:00:00.000001", None, "838:59:59", 1901, "w" * 64, "wwww", "n" * 251, "s" * 65_536, b"r" * 250,
     b"c" * 16, "a", '"text"'),
)  # fmt: skip
_ASKED = (
    "SELECT * FROM every_type ORDER BY id",
    "SELECT id FROM every_type WHERE id > 9",
    "SELECT COUNT(*), SUM(money), AVG(small), MAX(added), CAST('2026-03-01 12:00:00.5' AS DATETIME(6)) FROM every_type",
    "SELECT CAST('2026-03-01' AS DATE), NULL, 'text', 1.50",
    "SELECT REPEAT('x', 17000000), 1 UNION ALL SELECT REPEAT('y', 16777210), 2",
    "SHOW SESSION STATUS LIKE 'Ssl_cipher'",
    "SET @a = 1",
)


@pytest.fixture(scope="module")
def where(server: PrivateMariaDB) -> Iterator[dict[str, object]]:
    with fresh_database(server, None) as database:
        with server.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute("SET SESSION sql_mode = ''")
            cursor.execute(_TABLE)
            cursor.executemany(f"INSERT INTO every_type VALUES ({', '.join(['%s'] * 24)})", _ROWS)
            cursor.execute("SET GLOBAL max_allowed_packet = 67108864")
            connection.commit()
            socket = connection.unix_socket
        yield {"unix_socket": socket, "user": "root", "database": database, "charset": "utf8mb4"}


def answers(connection: "Connection", statement: str) -> tuple[object, ...]:
    with connection, connection.cursor() as cursor:
        affected = cursor.execute(statement)
        rows = cursor.fetchall()
        assert cursor.execute("SELECT 7") == 1, "what follows is not out of step"
        state: int = vars(connection)["server_status"]
        return affected, cursor.rowcount, rows, [[type(value) for value in row] for row in rows], state


@pytest.mark.parametrize("statement", _ASKED)
def test_it_reads_what_the_driver_reads(where: dict[str, object], statement: str) -> None:
    ours = answers(QuickConnection(**where), statement)
    theirs = answers(pymysql.connect(**where), statement)  # type: ignore[call-overload]
    assert ours == theirs


def test_text_that_is_no_utf_8_keeps_what_can_be_read() -> None:
    assert decoded(b"\x03Zo\xe9\xfb", [decoder("utf8mb4", None)] * 2) == ("Zo\ufffd", None)


def test_an_error_in_the_midst_of_rows_is_the_drivers_own(where: dict[str, object]) -> None:
    def failure(connection: "Connection") -> tuple[type[BaseException], object]:
        with connection, connection.cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as caught:
            cursor.execute("SELECT s.seq, IF(s.seq < 3000, 1, (SELECT 1 UNION SELECT 2)) FROM seq_1_to_4000 AS s")
        return caught.type, caught.value.args[0]

    assert failure(QuickConnection(**where)) == failure(pymysql.connect(**where))  # type: ignore[call-overload]


def test_a_server_that_goes_away_in_the_midst_of_rows_is_told(where: dict[str, object]) -> None:
    connection, killer = QuickConnection(**where), QuickConnection(**where)
    with killer, killer.cursor() as other, connection.cursor() as cursor:
        other.execute(f"KILL {connection.thread_id()}")
        with pytest.raises(pymysql.err.OperationalError):
            cursor.execute("SELECT * FROM every_type")
    assert not connection.open
