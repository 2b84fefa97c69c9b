"""`poller install-units`: put the units for systemd in place."""

import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from poller.cli.door import AsJson
from poller.cli.output import print_json

if TYPE_CHECKING:
    from poller.setup.units import Placed

HIDDEN: Final = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 - where the sandbox does not look
_SAID: Final = {
    "new": "written",
    "renewed": "written anew",
    "as it is": "as it is",
    "edited": "edited here, so left alone; the new one lies beside it, as {beside}",
    "masked": "a link, so left alone",
}
NEXT: Final = ("systemd-sysusers", "systemctl daemon-reload", "systemctl enable --now poller")


def command(
    prefix: Annotated[
        Path, typer.Option(metavar="DIR", help="Put them below that directory instead, as a package is built.")
    ] = Path("/"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put the units for systemd in place.

    The services, the timer, the account they run as, and a directory for the secrets; then says what to run next, and
    starts nothing. May be repeated, and is, after an upgrade: what was edited here is left alone, and the new one laid
    beside it.
    """
    from poller.setup.units import missing_credentials, place, plan

    program = Path(sysconfig.get_path("scripts")) / "poller"
    placed = plan(prefix, program)
    if not dry_run:
        place(placed, prefix)
    missing = missing_credentials(prefix)
    if as_json:
        files = [{"file": str(one.path), "action": one.action} for one in placed]
        print_json({"files": files, "missing_credentials": missing, "next": list(NEXT)})
        return
    for line in _lines(placed, missing, program, dry_run=dry_run):
        typer.echo(line)


def _lines(placed: Sequence["Placed"], missing: Sequence[str], program: Path, *, dry_run: bool) -> Iterator[str]:
    from poller.setup.units import CREDENTIALS

    if dry_run:
        yield "nothing is written; it would be:"
    for one in placed:
        yield f"{one.path}: {_SAID[one.action].format(beside=one.beside.name)}"
    yield ""
    if str(program).startswith(tuple(f"{place}/" for place in HIDDEN)):
        yield f"The services cannot see {program}: install the program elsewhere, such as in /opt/poller."
    for name in missing:
        yield f"They do not start without /{CREDENTIALS / name}: `poller init --credentials /{CREDENTIALS}` writes it."
    yield "Now run, as root:"
    yield from (f"    {line}" for line in NEXT)
    yield "or, for a look every five minutes in place of the daemon, enable poller-catch-up.timer."
