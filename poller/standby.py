"""What `poller run` does while it is switched off (`active: false`): it says so, again and again, and nothing else."""

import signal

import structlog

from poller.config.choices import OFF, OFF_HINT
from poller.engine.clock import SystemClock
from poller.observe.sdnotify import Notifier
from poller.signals import signals

log = structlog.get_logger(__name__)

_BREATH_SECONDS = 20
_BREATHS_BETWEEN_REMINDERS = 180


def stand_by(clock: SystemClock) -> int:
    """Wait for a signal; returns the exit code. Ready and alive for systemd, which would start a dead one again."""
    notifier = Notifier.from_environment()

    def stop(number: int) -> None:
        clock.stop()
        notifier.stopping()
        log.info("daemon.stopping", signal=signal.Signals(number).name)

    def remind() -> None:
        log.warning("daemon.off", reason=OFF, hint=OFF_HINT)

    with signals(stop, renew=remind):
        notifier.ready()
        notifier.status(OFF)
        breaths = 0
        is_stopped = False
        while not is_stopped:
            if breaths % _BREATHS_BETWEEN_REMINDERS == 0:
                remind()
            notifier.watchdog()
            breaths += 1
            is_stopped = clock.wait(_BREATH_SECONDS)
    log.info("daemon.stopped", exit=0)
    return 0
