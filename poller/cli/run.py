"""`poller run`: the daemon."""

import typer

from poller.cli.door import settings_for


def command(context: typer.Context) -> None:
    """Watch the shop and send what happens, until told to stop."""
    settings = settings_for(context, is_daemon=True)
    if not settings.active:
        from poller.engine.clock import SystemClock
        from poller.standby import stand_by

        raise typer.Exit(stand_by(SystemClock()))
    from poller.app import App
    from poller.daemon import run_daemon

    raise typer.Exit(run_daemon(App(settings)))
