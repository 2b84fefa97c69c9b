"""The hand that writes: PrestaShop's way with its database, one autocommitted statement after another."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

from poller.demo.server import Connection

NO_TIME = "0000-00-00 00:00:00"
NO_DATE = "0000-00-00"


class Hand:
    """One connection, one clock, one set of dice: what one PHP process has. Not for two threads at a time.

    `pace` stretches the pauses between statements: 1 is as on an idle shop, 0 is none.
    """

    def __init__(self, connection: Connection, *, prefix: str, zone: ZoneInfo, dice: Random, pace: float) -> None:
        self.dice = dice
        self._connection = connection
        self._prefix = prefix
        self._zone = zone
        self._pace = pace
        self.stamped: datetime | None = None
        self.run("SET SESSION sql_mode = ''")

    def stamp(self) -> str:
        """PHP's date(): the shop's local time, whole seconds, no zone; `stamped` keeps the moment it names."""
        self.stamped = datetime.now(UTC).replace(microsecond=0)
        return self.stamped.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S")

    def committed(self) -> datetime:
        """When the statement before this call was committed (aware UTC)."""
        return datetime.now(UTC)

    def calm(self, seconds: float) -> float:
        """How long to leave a row alone before it is changed again; where nobody pauses, nobody looks in between."""
        return seconds if self._pace else 0.0

    def pause(self, milliseconds: float) -> None:
        """Let PHP think: half to one and a half times as long."""
        if self._pace:
            time.sleep(self._pace * milliseconds / 1000 * self.dice.uniform(0.5, 1.5))

    def insert(self, table: str, /, **columns: object) -> int:
        """Insert a row; returns its auto-increment id, 0 where there is none."""
        names = ", ".join(f"`{name}`" for name in columns)
        marks = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO `PREFIX_{table}` ({names}) VALUES ({marks})"  # noqa: S608 - names of our own
        return self.run(sql, *columns.values())

    def update(self, table: str, key: Mapping[str, object], /, **columns: object) -> None:
        """Set columns of the rows with that key."""
        changes = ", ".join(f"`{name}` = %s" for name in columns)
        sql = f"UPDATE `PREFIX_{table}` SET {changes} WHERE {_where(key)}"  # noqa: S608 - as above
        self.run(sql, *columns.values(), *key.values())

    def delete(self, table: str, key: Mapping[str, object], /) -> None:
        """Delete the rows with that key."""
        sql = f"DELETE FROM `PREFIX_{table}` WHERE {_where(key)}"  # noqa: S608 - as above
        self.run(sql, *key.values())

    def run(self, sql: str, *values: object) -> int:
        """Run any statement, PREFIX_ replaced; returns the last auto-increment id."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql.replace("PREFIX_", self._prefix), values)
            return int(cursor.lastrowid or 0)


def _where(key: Mapping[str, object]) -> str:
    return " AND ".join(f"`{name}` = %s" for name in key)
