"""`poller run`: the daemon."""

from typing import TYPE_CHECKING

import typer

from poller.cli.door import settings_anew, settings_for, spare_the_collector

if TYPE_CHECKING:
    from poller.app import App
    from poller.config import Settings


def command(context: typer.Context) -> None:
    """Watch the shop and send what happens, until told to stop.

    SIGHUP reads the settings anew; what is wrong with them is told, and the old ones hold.
    """
    settings = settings_for(context, is_daemon=True)
    if not settings.active:
        from poller.engine.clock import SystemClock
        from poller.standby import stand_by

        raise typer.Exit(stand_by(SystemClock()))
    from poller.app import App
    from poller.config.choices import OFF
    from poller.desk import Desk
    from poller.errors import ConfigurationError
    from poller.monitoring import monitored
    from poller.service import run_daemon

    def renew(old: "Settings | None") -> "App":
        if old is not None:
            return App(old)
        found = settings_anew(context, settings)
        if not found.active:
            raise ConfigurationError(OFF, hint="To switch it off, start the daemon again: systemctl restart poller.")
        Desk(found).verify()
        return App(found)

    spare_the_collector()
    raise typer.Exit(run_daemon(App(settings), renew=renew, beside=monitored))
