"""`poller catch-up`: everything up to now, then exit; for cron."""

import typer

from poller.cli.door import AsJson, interruptible, opened
from poller.cli.output import print_fields, print_json


def command(context: typer.Context, as_json: AsJson = False) -> None:
    """Send everything up to now, then exit."""
    with opened(context) as app, interruptible(app):
        app.start("catch-up")
        report = app.catch_up()
        (print_json if as_json else print_fields)(report.as_log())
