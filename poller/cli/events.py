"""`poller events`: the catalogue of what is sent, for people, for programs, and as JSON Schemas."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from poller.cli.door import AsJson, settings_for
from poller.cli.output import print_json, print_table
from poller.errors import ConfigurationError


def command(
    context: typer.Context,
    as_json: AsJson = False,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--json-schema",
            metavar="DIR",
            file_okay=False,
            help="Write a JSON Schema (draft-07) for each event into this directory.",
        ),
    ] = None,
) -> None:
    """List the events: what is sent, and what no database knows.

    Each with the name that is sent, and where it is not sent, with what to use instead.

    Without a configuration that can be read, names and switches are the defaults.
    """
    from poller.catalogue import Catalogue

    try:
        catalogue = Catalogue.configured(settings_for(context))
    except ConfigurationError as error:
        typer.echo(f"note: with the default settings, because: {error.message.splitlines()[0]}", err=True)
        catalogue = Catalogue()
    if directory is not None:
        typer.echo(f"{_write(directory, catalogue.schemas())} schemas written to {directory}", err=True)
        return
    if as_json:
        print_json([asdict(event) for event in catalogue.events()])
        return
    print_table(
        ("event", "group", "answer", "one for each"),
        [(event.sent_as, event.group, event.answer, event.one_for or event.instead) for event in catalogue.events()],
    )


def _write(directory: Path, schemas: Mapping[str, Any]) -> int:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, schema in schemas.items():
            text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
            (directory / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"cannot write to {directory}: {error.strerror}") from error
    return len(schemas)
