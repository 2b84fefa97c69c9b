"""`poller explain`: what was told of one thing, why, when, and what Segment answered."""

from typing import Annotated

import typer

from poller.cli.door import AsJson, accounts
from poller.cli.output import print_json, print_table


def command(
    context: typer.Context,
    thing: Annotated[str, typer.Argument(metavar="THING", help="What it is: order, customer, cart.")],
    key: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its id in the shop.")],
    as_json: AsJson = False,
) -> None:
    """Say what became of one thing, and why.

    Which facts its rows prove, and what became of each; changes nothing.
    """
    found = accounts(context).explain(thing, key)
    if as_json:
        print_json(found.as_dict())
        return
    print_table(
        ("event", "happened", "amount", "proven by", "became", "when", "messageId"),
        [
            (
                fact.event,
                fact.occurred_at,
                "" if fact.amount is None else f"{fact.amount} {fact.currency or ''}".strip(),
                fact.proof,
                f"{fact.standing}: {fact.reason}" if fact.reason else fact.standing,
                fact.at,
                fact.message_id,
            )
            for fact in found.facts
        ],
    )
    if found.remark:
        typer.echo(found.remark)
