"""How PyMySQL reaches the server: as it did last time, since asking anew costs 16 ms of CPU at every poll.

Left to itself it offers TLS, and for that loads all of the system's certificates each time it connects. So the first
connection learns whether the server speaks TLS, and those after it do the same, until one fails or time is up.
"""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

from poller.shop.packets import QuickConnection

_KNOWN_FOR_SECONDS = 600.0


class Transport:
    """What was learned of one server. Not for two threads at a time."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._known: dict[str, Any] = {}
        self._learned_at = 0.0

    def attach(self, engine: Engine) -> None:
        """Use it for every connection of a PyMySQL engine."""

        @event.listens_for(engine, "do_connect")
        def reach(_dialect: Any, _record: Any, arguments: Any, parameters: dict[str, Any]) -> Any:
            if any(name.startswith("ssl") for name in parameters):
                return QuickConnection(*arguments, **parameters)  # said by the operator: nothing to learn
            if "unix_socket" in parameters:
                return QuickConnection(*arguments, **(parameters | {"ssl_disabled": True}))
            if self._monotonic() - self._learned_at > _KNOWN_FOR_SECONDS:
                self._known = {}
            try:
                connection = QuickConnection(*arguments, **(parameters | self._known))
            except Exception:
                self._known = {}
                raise
            if not self._known:
                self._known = _learned(connection)
                self._learned_at = self._monotonic()
            return connection


def _learned(connection: Any) -> dict[str, Any]:
    """The arguments that make the next connection like this one; TLS that was spoken once is then demanded."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
        row = cursor.fetchone()
    return {"ssl": connection.ctx} if row and row[1] else {"ssl_disabled": True}
