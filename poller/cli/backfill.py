"""`poller backfill`: the history of a closed period."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from poller.cli.door import AsJson, custom_names, interruptible, opened, refuse_if_off
from poller.cli.output import about, print_fields, print_json, print_table

if TYPE_CHECKING:
    from poller.app import App

_ONE = (
    "note: --workers {}: one process does it all the same. It reads faster than Segment lets a workspace send, "
    "and more would only load the shop."
)
_EAST, _WEST = timedelta(hours=14), timedelta(hours=-12)


def command(  # noqa: PLR0917 - typer calls it by name, an argument an option
    context: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="DATE", help="From then on: 2024-03-01 (midnight in the shop), or ISO 8601.")
    ],
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Before then; without it, before now.")] = None,
    only: Annotated[
        str | None, typer.Option(metavar="THINGS", help="Only some kinds of things: orders,customers.")
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Accepted, and answered: one process is quicker than Segment's limit.")
    ] = 1,
    rate: Annotated[
        float | None,
        typer.Option(help="Send at most so many events a second, whoever sends them; without it, segment.rate_limit."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Count what a run would send, and show three of them; store and send nothing."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send the history of a period.

    Run again after an interruption, it goes on where it was. What was sent before, by any door, is not sent again.
    """
    start = moment(since, "--since")
    end = moment(until, "--until") if until is not None else None
    if workers > 1:
        typer.echo(_ONE.format(workers), err=True)
    if rate is not None and not 0 < rate < math.inf:
        raise typer.BadParameter("must be greater than 0", param_hint="--rate")
    check_period(start, end, now=datetime.now(UTC), zone=None)
    things = kinds(only, custom_names(context)) if only is not None else frozenset[str]()
    with opened(context, tells=True) as app, interruptible(app):
        refuse_if_off(app.settings)
        zone = app.settings.shop.timezone
        check_period(start, end, now=datetime.now(UTC), zone=None if zone == "auto" else ZoneInfo(zone))
        (_rehearse if dry_run else _send)(app, start, end, only=things, rate=rate, as_json=as_json)


def _send(
    app: "App", since: datetime, until: datetime | None, *, only: frozenset[str], rate: float | None, as_json: bool
) -> None:
    from poller.cli.progress import shown
    from poller.history import History, Span

    app.start("backfill", lane=None)
    with shown() as show:
        report = History(app).backfill(Span(since, until, only), rate=rate, show=show)
    (print_json if as_json else print_fields)(report.as_log())


def _rehearse(
    app: "App", since: datetime, until: datetime | None, *, only: frozenset[str], rate: float | None, as_json: bool
) -> None:
    from poller.cli.progress import shown
    from poller.history import History, Span

    with shown() as show:
        rehearsed = History(app).rehearse(Span(since, until, only), rate=rate, show=show)
    found = rehearsed.as_json()
    if as_json:
        print_json(found)
        return
    months: dict[str, dict[str, int]] = found.pop("months")
    samples = found.pop("samples")
    print_table(
        ("month", "event", "messages"),
        [(month, name, f"{count:,}") for month, names in months.items() for name, count in names.items()],
    )
    print_fields({**found, "seconds_at_rate": about(found["seconds_at_rate"])})
    for message in samples:
        typer.echo(f"--- for example: {message.get('event', message['type'])}")
        print_json(message)


def moment(text: str, option: str) -> datetime:
    """A date or a time; naive means the shop's wall time."""
    from poller.config.values import read_moment

    try:
        return read_moment(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} {error}", param_hint=option) from None


def kinds(text: str, own: Iterable[str] = ()) -> frozenset[str]:
    """Kinds of things, written one or many: `orders,customer`; `own` are the names of custom events."""
    from poller.engine.backfill import is_followed
    from poller.streams.registry import STREAMS

    known = {stream.thing for stream in STREAMS if any(is_followed(stream, feed) for feed in stream.feeds)}
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    found = {word if word in {*known, *own} else word.removesuffix("s") for word in words}
    if not found or found - {*known, *own}:
        choices = ", ".join([*sorted(f"{thing}s" for thing in known), *own])
        raise typer.BadParameter(f"{text!r} names something else than {choices}", param_hint="--only")
    return frozenset(found)


def check_period(since: datetime, until: datetime | None, *, now: datetime, zone: ZoneInfo | None) -> None:
    """Refuse what is wrong in any zone the shop may be in; in its own, once that is known."""
    if _earliest(since, zone) > now:
        raise typer.BadParameter("lies in the future", param_hint="--since")
    if until is None:
        return
    is_alike = since.tzinfo is None and until.tzinfo is None
    is_empty = until <= since if is_alike else _latest(until, zone) <= _earliest(since, zone)
    if is_empty:
        raise typer.BadParameter("must be later than --since", param_hint="--until")


def _earliest(moment: datetime, zone: ZoneInfo | None) -> datetime:
    if moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=zone) if zone else moment.replace(tzinfo=UTC) - _EAST


def _latest(moment: datetime, zone: ZoneInfo | None) -> datetime:
    if moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=zone) if zone else moment.replace(tzinfo=UTC) - _WEST
