"""`poller sql`: the statements the poller runs, to be read and tried by hand."""

from pathlib import Path
from typing import Annotated

import typer

from poller.cli.door import AsJson, settings_for
from poller.cli.output import print_json, print_table
from poller.errors import ConfigurationError

_HIDDEN = {"demo"}


def command(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="A statement, as the list names it.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the statements the poller runs, or print one.

    It is printed with the shop's own table prefix, ready for a mysql prompt.
    """
    files = statement_files()
    if name is not None:
        typer.echo(_found(files, name).read_text(encoding="utf-8").replace("PREFIX_", _prefix(context)), nl=False)
        return
    sentences = {known: sentence(file) for known, file in files.items()}
    if as_json:
        print_json([{"name": known, "sentence": text} for known, text in sentences.items()])
    else:
        print_table(("statement", "what it does"), list(sentences.items()))


def statement_files() -> dict[str, Path]:
    """Every SQL file by its name, `feeds/orders`."""
    from poller.shop.statements import sql_directory

    root = sql_directory()
    files = {file.relative_to(root).with_suffix("").as_posix(): file for file in sorted(root.glob("*/*.sql"))}
    return {name: file for name, file in files.items() if name.partition("/")[0] not in _HIDDEN}


def sentence(file: Path) -> str:
    """What a statement does: the first line of its file."""
    with file.open(encoding="utf-8") as lines:
        return next(lines, "").removeprefix("--").strip()


def _found(files: dict[str, Path], name: str) -> Path:
    """A file by its name, or by its last part where that is plain."""
    wanted = name.removesuffix(".sql")
    matches = [known for known in files if known == wanted or known.endswith(f"/{wanted}")]
    if len(matches) == 1:
        return files[matches[0]]
    if matches:
        raise typer.BadParameter(f"{name} may be {' or '.join(matches)}")
    from difflib import get_close_matches

    near = get_close_matches(wanted, [*files, *(known.partition("/")[2] for known in files)], n=1)
    raise typer.BadParameter(f"there is no statement {name}" + (f"; did you mean {near[0]}?" if near else ""))


def _prefix(context: typer.Context) -> str:
    """The configured prefix. Who is still setting things up needs the grants first, so the default will do."""
    try:
        return settings_for(context).shop.prefix
    except ConfigurationError as error:
        typer.echo(f"note: written with the prefix ps_, because: {error.message.splitlines()[0]}", err=True)
        return "ps_"
