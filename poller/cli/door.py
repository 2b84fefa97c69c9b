"""What every door does first: read the settings, set up the logs, open the App; and what it does with a signal."""

import gc
import resource
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from poller.accounts import Accounts
    from poller.app import App
    from poller.config import Settings
    from poller.desk import Desk
    from poller.upkeep import Upkeep

_NEW_VALUES = 10_000
"""So many new values that may be part of a cycle, before cycles are looked for among them."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def settings_for(context: typer.Context, *, is_daemon: bool = False) -> "Settings":
    """Read the settings and send the logs where they say; a command that ends logs only what is wrong."""
    from poller.config import load_settings
    from poller.observe.logs import configure_logging

    file: Path | None = context.find_root().obj
    settings = load_settings(file)
    # A core dump would hold the secrets and customers' data, in a file that nobody looks after.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    level = settings.log.level if is_daemon or settings.log.level != "info" else "warning"
    configure_logging(settings.log.format, level, secrets=settings.secrets())
    return settings


def settings_anew(context: typer.Context, old: "Settings") -> "Settings":
    """Read the daemon's settings again; the old secrets stay masked, since old messages may still be logged."""
    from poller.config import load_settings
    from poller.observe.logs import configure_logging

    settings = load_settings(context.find_root().obj)
    configure_logging(settings.log.format, settings.log.level, secrets={*old.secrets(), *settings.secrets()})
    return settings


def custom_names(context: typer.Context) -> Sequence[str]:
    """The names of the operator's own events; none where the settings cannot be read, which is said elsewhere."""
    from poller.config import load_settings
    from poller.errors import ConfigurationError

    with suppress(ConfigurationError):
        return list(load_settings(context.find_root().obj).custom_events)
    return []


@contextmanager
def opened(context: typer.Context, *, tells: bool = False) -> Iterator["App"]:
    """The App, closed at the end; nothing is locked or written before `start`. One that `tells` logs as it goes."""
    settings = settings_for(context, is_daemon=tells)
    from poller.app import App

    spare_the_collector()
    with closing(App(settings)) as app:
        yield app


def spare_the_collector() -> None:
    """Let Python look for garbage cycles less often, and never again among what was imported.

    A page makes tens of thousands of values and no cycles: looking for some took a tenth of a backfill.
    """
    gc.freeze()
    gc.set_threshold(_NEW_VALUES, 10, 20)


def refuse_if_off(settings: "Settings") -> None:
    """A command that is to send something does not pretend to, while the poller is switched off."""
    if not settings.active:
        from poller.config.choices import OFF, OFF_HINT
        from poller.errors import ConfigurationError

        raise ConfigurationError(OFF, hint=OFF_HINT)


def desk(context: typer.Context) -> "Desk":
    """Where an operator looks and mends; nothing is locked."""
    settings = settings_for(context)
    from poller.desk import Desk

    return Desk(settings)


def accounts(context: typer.Context) -> "Accounts":
    """Where an operator asks what became of things; nothing is locked or changed."""
    settings = settings_for(context)
    from poller.accounts import Accounts

    return Accounts(settings)


def upkeep(context: typer.Context) -> "Upkeep":
    """Where the state store is copied, checked, made anew and pruned."""
    settings = settings_for(context)
    from poller.upkeep import Upkeep

    return Upkeep(settings)


@contextmanager
def interruptible(app: "App") -> Iterator[None]:
    """Let a signal stop the App between two pages; then the command says how to go on: as it was called."""
    from poller.signals import signals

    received: list[int] = []

    def stop(number: int) -> None:
        received.append(number)
        app.clock.stop()

    with signals(stop):
        yield
    if received:
        name = signal.Signals(received[0]).name
        typer.echo(f"stopped by {name}; nothing is lost, and this goes on:\n{shlex.join(sys.argv)}", err=True)
        raise typer.Exit(128 + received[0])
