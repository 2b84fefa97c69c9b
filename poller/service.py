"""The service: one App at work until a signal ends it, or puts another with new settings in its place."""

import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog

from poller.config import Settings
from poller.daemon import App, work
from poller.errors import PollerError
from poller.observe.sdnotify import Notifier
from poller.signals import signals

log = structlog.get_logger(__name__)


Renew: TypeAlias = Callable[[Settings | None], App]
"""Makes an App of these settings; of those that are now written down, once checked, if None. Raises what is wrong."""
Beside: TypeAlias = Callable[[Settings, Notifier], AbstractContextManager[None]]
"""What goes on beside the work."""


def run_daemon(app: App, *, renew: Renew | None = None, beside: Beside | None = None) -> int:
    """Work until a signal; returns the exit code. Raises what `app.start` raises.

    At SIGHUP the settings are read anew. What is wrong with them is told, and the work goes on with the old ones.
    """
    seat = _Seat(app, Notifier.from_environment(), renew, beside)
    with signals(seat.stop, renew=seat.reload if renew else None):
        code = seat.work()
    log.info("daemon.stopped", exit=code)
    return code


@dataclass(slots=True)
class _Seat:
    """Who works: an App, until a signal puts another in its place or ends the work."""

    app: App
    notifier: Notifier
    renew: Renew | None
    beside: Beside | None
    successor: App | None = None
    before: Settings | None = None
    is_stopping: bool = False
    change: threading.Lock = field(default_factory=threading.Lock)

    def stop(self, number: int) -> None:
        """Let the work in hand finish."""
        with self.change:
            self.is_stopping = True
            self.app.clock.stop()
        self.notifier.stopping()
        log.info("daemon.stopping", signal=signal.Signals(number).name)

    def reload(self) -> None:
        """Read the settings anew; one that is wrong changes nothing."""
        if self.renew is None or self.successor is not None:
            return
        self.notifier.reloading()
        try:
            successor = self.renew(None)
        except PollerError as error:
            self._refused(error)
            return
        except Exception:
            # In the thread that hears signals: it must outlive this, or SIGTERM would not be heard any more.
            log.exception("daemon.reload_crashed")
            self.notifier.ready()
            return
        with self.change:
            self.successor = successor
            self.app.clock.stop()

    def _refused(self, error: PollerError) -> None:
        log.error("daemon.reload_refused", error=error.message, hint=error.hint)
        self.notifier.status(f"The new settings are refused, the old ones hold: {error}")
        self.notifier.ready()

    def work(self) -> int:
        """Work with one App after the other."""
        while True:
            try:
                with closing(self.app):
                    code = self._with_one()
            except PollerError as error:
                if self.renew is None or self.before is None:
                    raise
                self._refused(error)
                following, self.before = self.renew(self.before), None
            else:
                if self.successor is None or code:
                    return code
                following, self.before = self.successor, self.app.settings
            with self.change:
                if self.is_stopping:
                    return 0
                self.app, self.successor = following, None
            log.info("daemon.reloaded")

    def _with_one(self) -> int:
        with ExitStack() as stack:
            if self.beside:
                stack.enter_context(self.beside(self.app.settings, self.notifier))
            return work(self.app, self.notifier)
