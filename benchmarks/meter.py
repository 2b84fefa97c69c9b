"""What the database server does for the poller: its own counters, read before and after."""

from dataclasses import dataclass

from poller.demo.server import Connection

_HANDLER = "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Handler\\_read\\_%' AND Variable_name <> 'Handler_read_retry'"
_SNAPSHOTS = "SHOW GLOBAL STATUS LIKE 'Com_begin'"
_ACCOUNT = "SELECT BUSY_TIME, CPU_TIME, TOTAL_CONNECTIONS FROM information_schema.USER_STATISTICS WHERE USER = %s"


@dataclass(frozen=True, slots=True)
class Counters:
    """Since the server's start: rows read by anyone, snapshots opened, and the account's seconds, busy and of CPU."""

    rows: int
    snapshots: int
    busy_seconds: float
    cpu_seconds: float
    connections: int

    def since(self, before: "Counters") -> "Counters":
        """What was added after `before`."""
        return Counters(
            self.rows - before.rows,
            self.snapshots - before.snapshots,
            self.busy_seconds - before.busy_seconds,
            self.cpu_seconds - before.cpu_seconds,
            self.connections - before.connections,
        )


class Meter:
    """Reads the counters of a server started with `--userstat=1` on which nobody but the account works."""

    def __init__(self, connection: Connection, account: str) -> None:
        self._connection = connection
        self._account = account
        first = self._raw()
        self._own_rows = self._raw().rows - first.rows

    def since(self, before: Counters) -> Counters:
        """What was added after `before`, less the rows that reading the counters itself reads."""
        added = self.read().since(before)
        return Counters(
            added.rows - self._own_rows, added.snapshots, added.busy_seconds, added.cpu_seconds, added.connections
        )

    def read(self) -> Counters:
        """The counters now."""
        return self._raw()

    def _raw(self) -> Counters:
        with self._connection.cursor() as cursor:
            cursor.execute(_ACCOUNT, (self._account,))
            busy, cpu, connections = cursor.fetchone() or (0.0, 0.0, 0)
            cursor.execute(_SNAPSHOTS)
            ((_, snapshots),) = cursor.fetchall()
            cursor.execute(_HANDLER)
            rows = sum(int(value) for _, value in cursor.fetchall())
        return Counters(rows, int(snapshots), float(busy), float(cpu), int(connections))
