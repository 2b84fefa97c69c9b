"""`poller dead-letters`: what Segment refused for good: look, send again, or give up."""

import json
import sys
from typing import Annotated

import typer

from poller.cli.door import AsJson, desk
from poller.cli.output import print_json, print_table

app = typer.Typer(help="Messages that Segment refused for good.", no_args_is_help=True, rich_markup_mode=None)

Numbers = Annotated[list[int] | None, typer.Argument(metavar="NUMBER", help="As `list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]


@app.command("list")
def list_all(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List dead letters, with the reason of each."""
    letters = desk(context).dead_letters(limit=limit)
    if as_json:
        fields = ("seq", "message_id", "name", "thing", "key", "reason", "buried_at")
        print_json([{field: getattr(letter, field) for field in fields} for letter in letters])
        return
    if not letters:
        typer.echo("no dead letters")
        return
    print_table(
        ("number", "event", "about", "buried at", "reason"),
        [
            (letter.seq, letter.name, f"{letter.thing} {letter.key}", letter.buried_at, letter.reason)
            for letter in letters
        ],
    )


@app.command("show")
def show(
    context: typer.Context, number: Annotated[int, typer.Argument(metavar="NUMBER", help="As `list` shows it.")]
) -> None:
    """Print one whole, as JSON: the message and the reason."""
    letters = desk(context).dead_letters(limit=1, seqs=[number])
    if not letters:
        raise typer.BadParameter(f"there is no dead letter {number}")
    (letter,) = letters
    print_json(
        {
            "number": letter.seq,
            "buried_at": letter.buried_at,
            "reason": letter.reason,
            "message": json.loads(letter.text),
        }
    )


@app.command("replay")
def replay(context: typer.Context, numbers: Numbers = None, every: All = False) -> None:
    """Send some again, under the same messageId."""
    chosen = _chosen(numbers, every=every)
    typer.echo(f"{desk(context).replay(chosen)} will be sent again")


@app.command("drop")
def drop(
    context: typer.Context,
    numbers: Numbers = None,
    every: All = False,
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Give some up for good."""
    chosen = _chosen(numbers, every=every)
    if not is_sure:
        if not sys.stdin.isatty():
            raise typer.BadParameter("what is dropped is gone: say --yes")
        typer.confirm(f"Drop {'all dead letters' if chosen is None else len(chosen)} for good?", abort=True)
    typer.echo(f"{desk(context).drop(chosen)} dropped")


def _chosen(numbers: list[int] | None, *, every: bool) -> list[int] | None:
    """The numbers, or None for all."""
    if bool(numbers) == every:
        raise typer.BadParameter("name dead letters by number, or say --all")
    return numbers or None
