"""The command `poller`: finds the command asked for, and turns errors into messages and exit codes."""

import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from poller.cli import (
    audit,
    backfill,
    catch_up,
    check,
    dead_letters,
    demo,
    events,
    explain,
    init,
    install_units,
    preview,
    replay,
    run,
    sql,
    state,
    status,
)
from poller.errors import BugError, PollerError

app = typer.Typer(
    name="poller",
    help="Read what happened in a PrestaShop database and tell Segment.",
    epilog="Exit codes: 0 done, 1 something was found, 2 usage, 70 a bug, 75 try again later, 78 configuration.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"poller {version('prestashop-segment-poller')}")
        raise typer.Exit


@app.callback()
def _global(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Default: $POLLER_CONFIG, ./config.yaml, /etc/poller/config.yaml."
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    del version
    context.obj = config


app.command("init")(init.command)
app.command("install-units")(install_units.command)
app.command("run")(run.command)
app.command("catch-up")(catch_up.command)
app.command("backfill")(backfill.command)
app.command("replay")(replay.command)
app.command("check")(check.command)
app.command("status")(status.command)
app.command("preview")(preview.command)
app.command("events")(events.command)
app.command("explain")(explain.command)
app.command("audit")(audit.command)
app.command("sql")(sql.command)
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(state.app, name="state")
app.command("demo")(demo.command)


def main() -> None:
    """Run a command; every exit code but those of usage and signals is decided here."""
    try:
        try:
            app(prog_name="poller")
        finally:
            sys.stdout.flush()
    except PollerError as error:
        _print_error(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not stumble over the same pipe at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception:
        # Through the logs, so that a secret in the traceback is masked.
        logging.getLogger("poller").critical("poller.crashed", exc_info=True)
        sys.stderr.write("error: this is a bug in the poller.\nhint: Report it with the lines above.\n")
        sys.exit(BugError.exit_code)


def _print_error(error: PollerError) -> None:
    sys.stderr.write(f"error: {error.message}\n")
    if error.hint:
        sys.stderr.write(f"hint: {error.hint}\n")
