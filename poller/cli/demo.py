"""`poller demo`: a small living shop, the real poller and a receiver."""

import typer


def command() -> None:
    """Show it working, for half a minute.

    A small living shop, the real poller, and a receiver in Segment's place.
    """
    from poller.demo.show import run_demo

    raise typer.Exit(run_demo())
