"""`poller catch-up`: everything up to now, then exit; for cron."""

import typer

from poller.cli.door import AsJson, interruptible, opened
from poller.cli.output import print_fields, print_json


def command(context: typer.Context, as_json: AsJson = False) -> None:
    """Send everything up to now, then exit.

    Beside a running daemon there is nothing to do: it sends the same, so this says so and exits 0.
    """
    from poller.errors import StateBusyError
    from poller.monitoring import after_a_run

    with opened(context) as app, interruptible(app):
        if not app.settings.active:
            from poller.config.choices import OFF, OFF_HINT

            typer.echo(f"off: {OFF}\nhint: {OFF_HINT}", err=True)
            return
        try:
            app.start("catch-up")
        except StateBusyError as error:
            typer.echo(f"nothing to do: {error.message}", err=True)
            return
        report = app.catch_up()
        after_a_run(app.settings)
        (print_json if as_json else print_fields)(report.as_log())
