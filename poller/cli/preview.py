"""`poller preview`: the messages that one thing would become; nothing is stored or sent."""

from typing import Annotated

import typer

from poller.cli.door import AsJson, custom_names, desk
from poller.cli.output import print_json


def command(
    context: typer.Context,
    thing: Annotated[
        str, typer.Argument(metavar="THING", help="What it is: order, customer, cart, or the name of a custom event.")
    ],
    key: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its id in the shop.")],
    as_json: AsJson = False,
) -> None:
    """Show the messages one thing would become.

    Every message that its present facts prove, as it would be sent; nothing is stored or sent.
    """
    from poller.streams.registry import STREAMS

    things = [*(stream.thing for stream in STREAMS), *custom_names(context)]
    if thing not in things:
        raise typer.BadParameter(f"{thing!r} is none of {', '.join(things)}", param_hint="THING")
    messages = desk(context).preview(thing, key)
    if as_json:
        print_json(messages)
        return
    for message in messages:
        typer.echo(f"--- {message.get('event', message.get('type', ''))}  {message.get('timestamp', '')}")
        print_json(message)
    typer.echo(f"{len(messages)} messages", err=True)
