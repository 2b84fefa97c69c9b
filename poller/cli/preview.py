"""`poller preview`: the messages that one thing would become; nothing is stored or sent."""

from typing import Annotated, Literal

import typer

from poller.cli.door import AsJson, desk
from poller.cli.output import print_json


def command(
    context: typer.Context,
    thing: Annotated[Literal["order", "customer", "cart"], typer.Argument(metavar="THING", help="What it is.")],
    key: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its id in the shop.")],
    as_json: AsJson = False,
) -> None:
    """Show the messages one thing would become.

    Every message that its present facts prove, as it would be sent; nothing is stored or sent.
    """
    messages = desk(context).preview(thing, key)
    if as_json:
        print_json(messages)
        return
    for message in messages:
        typer.echo(f"--- {message.get('event', message.get('type', ''))}  {message.get('timestamp', '')}")
        print_json(message)
    typer.echo(f"{len(messages)} messages", err=True)
