"""The meter: how long the shop's database worked for this process, statement by statement."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event


class Meter:
    """Adds up the seconds between a statement and its answer, on every connection of an engine."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.seconds = 0.0

    def attach(self, engine: Engine) -> None:
        """Measure every statement, the failed ones too."""

        @event.listens_for(engine, "before_cursor_execute")
        def begin(_connection: Any, _cursor: Any, _statement: Any, _parameters: Any, context: Any, _many: Any) -> None:
            if context is not None:
                context.poller_began = self._monotonic()

        @event.listens_for(engine, "after_cursor_execute")
        def end(_connection: Any, _cursor: Any, _statement: Any, _parameters: Any, context: Any, _many: Any) -> None:
            self._add(context)

        @event.listens_for(engine, "handle_error")
        def fail(failure: Any) -> None:
            self._add(failure.execution_context)

    def _add(self, context: Any) -> None:
        began = getattr(context, "poller_began", None)
        if began is not None:
            self.seconds += self._monotonic() - began
