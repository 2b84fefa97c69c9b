"""`poller state`: what an operator may change in the state store."""

from typing import Annotated

import typer

from poller.cli.door import desk

app = typer.Typer(help="Change what the poller remembers.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Keep `resume` a subcommand, though it is the only one."""


@app.command("resume")
def resume(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed, as `poller status` names it.")],
) -> None:
    """Let a feed that stopped go on from where its table stands now."""
    desk(context).resume(feed)
    typer.echo(f"{feed} goes on at the next poll")
