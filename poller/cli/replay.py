"""`poller replay`: what was delivered, once more."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from poller.cli.backfill import check_period, kinds, moment
from poller.cli.door import AsJson, custom_names, interruptible, opened, refuse_if_off
from poller.cli.output import print_fields, print_json

_DOUBLES = (
    "with new ids: Segment and its destinations take these for new events. What they counted already they count twice: "
    "orders, revenue, refunds, e-mails."
)


def command(  # noqa: PLR0917 - typer calls it by name, an argument an option
    context: typer.Context,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="What happened from then on: 2024-03-01, or ISO 8601.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Before then; without it, before now.")] = None,
    only: Annotated[
        str | None, typer.Option(metavar="THINGS", help="Of a period only some kinds of things: orders,customers.")
    ] = None,
    order: Annotated[int | None, typer.Option(metavar="ID", min=1, help="One order instead of a period.")] = None,
    new_ids: Annotated[
        bool, typer.Option("--new-ids", help="Under new ids: all that reads them counts everything twice.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send again what was delivered.

    Derived anew from the shop, under the same messageIds, so that whoever knows them counts nothing twice. What was not
    delivered yet is left to the other doors.
    """
    if (since is None) == (order is None) or (since is None and (until or only) is not None):
        raise typer.BadParameter("say --since, with or without --until and --only, or --order")
    things = kinds(only, custom_names(context)) if only is not None else frozenset[str]()
    start = moment(since, "--since") if since is not None else None
    end = moment(until, "--until") if until is not None else None
    if start:
        check_period(start, end, now=datetime.now(UTC), zone=None)
    with opened(context, tells=True) as app, interruptible(app):
        from poller.cli.progress import shown
        from poller.history import Span
        from poller.replay import Replay, require_state

        refuse_if_off(app.settings)
        zone = app.settings.shop.timezone
        if start:
            check_period(start, end, now=datetime.now(UTC), zone=None if zone == "auto" else ZoneInfo(zone))
        require_state(app)
        if new_ids:
            typer.echo(_DOUBLES, err=True)
        app.start("replay", lane=None)
        with shown() as show:
            replay = Replay(app, has_new_ids=new_ids, show=show)
            replayed = replay.period(Span(start, end, things)) if start else replay.order(order or 0)
        (print_json if as_json else print_fields)(replayed.as_json())
