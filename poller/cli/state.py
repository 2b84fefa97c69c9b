"""`poller state`: what an operator does with the state store: copy, check, make anew, prune, let a feed go on."""

from pathlib import Path
from typing import Annotated

import typer

from poller.cli.backfill import moment
from poller.cli.door import AsJson, desk, upkeep
from poller.cli.output import print_json, print_table

app = typer.Typer(help="Look after what the poller remembers.", no_args_is_help=True, rich_markup_mode=None)


@app.command("resume")
def resume(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed, as `poller status` names it.")],
) -> None:
    """Let a feed that stopped go on from where its table stands now."""
    desk(context).resume(feed)
    typer.echo(f"{feed} goes on at the next poll")


@app.command("backup")
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; it must not exist yet.")],
) -> None:
    """Copy the state store as it is at one moment; the poller may run meanwhile."""
    typer.echo(f"{upkeep(context).backup(file):,} bytes copied to {file}")


@app.command("verify")
def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Check that the state store is whole and belongs to this shop; exits 1 if not."""
    findings = upkeep(context).verify()
    if as_json:
        print_json(findings)
    else:
        columns = ("", "what", "found", "what to do")
        print_table(columns, [(found.level, found.topic, found.text, found.remedy) for found in findings])
    if any(found.level == "problem" for found in findings):
        raise typer.Exit(1)


@app.command("rebuild")
def rebuild(
    context: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="DATE", help="The lost store's start_from: facts from then on are owed.")
    ],
    until: Annotated[
        str, typer.Option("--delivered-until", metavar="DATE", help="What happened before then counts as delivered.")
    ],
) -> None:
    """Make a lost state store anew from the shop, with the same ids.

    What happened from `--since` to `--delivered-until` is entered as delivered, and not sent again; what happened
    later is owed, and sent at the next start.
    """
    start, end = moment(since, "--since"), moment(until, "--delivered-until")
    if start.tzinfo == end.tzinfo and end < start:
        raise typer.BadParameter("must not be earlier than --since", param_hint="--delivered-until")
    typer.echo(f"{upkeep(context).rebuild(start, end):,} facts entered as delivered")


@app.command("prune")
def prune(
    context: typer.Context,
    before: Annotated[str, typer.Option(metavar="DATE", help="Facts that happened before then are forgotten.")],
) -> None:
    """Forget what was delivered long ago, and never tell it again: start_from moves along.

    The poller must not be running.
    """
    typer.echo(f"{upkeep(context).prune(moment(before, '--before')):,} delivered facts forgotten")
