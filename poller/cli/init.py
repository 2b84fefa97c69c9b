"""`poller init`: look at a shop, and write the settings for it."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from poller.cli.door import AsJson
from poller.cli.output import print_fields, print_json

if TYPE_CHECKING:
    from poller.setup.proposal import Account
    from poller.setup.survey import Survey

_SYSTEM = Path("/etc/poller")
_STATE = Path("/var/lib/poller")


def command(  # noqa: PLR0917 - typer calls it by name, an argument an option
    context: typer.Context,
    source: Annotated[
        str | None, typer.Argument(metavar="SHOP", help="The PrestaShop directory, or the URL of its database.")
    ] = None,
    prefix: Annotated[
        str, typer.Option(metavar="PREFIX", help="What the shop's table names begin with, if there are several.")
    ] = "",
    region: Annotated[
        Literal["us", "eu"] | None,
        typer.Option(metavar="us|eu", help="Where the Segment workspace is; without it, us."),
    ] = None,
    segment_host: Annotated[
        str, typer.Option(metavar="URL", help="Segment's address, where it is neither of the two.")
    ] = "",
    write_key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Read the write key there; else POLLER_SEGMENT__WRITE_KEY.")
    ] = None,
    credentials: Annotated[
        Path | None, typer.Option(metavar="DIRECTORY", help="Write the two secrets there, not into the settings.")
    ] = None,
    state: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the state store will be.")] = None,
    account: Annotated[
        str, typer.Option(metavar="NAME", help="The name of the database account to be made.")
    ] = "poller",
    force: Annotated[bool, typer.Option("--force", help="Replace settings that are there already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at a shop, and write the settings for it.

    Finds prefix, version, shops, time zone, currencies and order states, and asks on a terminal for what only you know:
    the write key and its region. Writes config.yaml and grants.sql, readable by their owner alone; changes nothing in
    the shop. Secrets are never taken from the command line.
    """
    from poller.setup.proposal import account_for
    from poller.setup.survey import address_of, survey
    from poller.setup.trial import HOSTS, try_segment

    file = target(context.find_root().obj)
    refuse_existing(file, credentials, force=force)
    url, password, known_prefix = address_of(source or _asked_for_shop())
    found = survey(url, password, prefix=prefix or known_prefix)
    if not as_json:
        print_fields(shown(found))
    write_key = _write_key(write_key_file)
    host = segment_host or HOSTS[region or _asked_for_region()]
    trial = try_segment(write_key, host)
    if not as_json:
        print_fields({"segment": trial.text, "what to do": trial.remedy})
    chosen = account_for(found, name=account)
    values = {
        "shop.url": chosen.url.render_as_string(hide_password=False),
        "shop.prefix": found.prefix,
        "segment.host": host,
        "state.url": f"sqlite:///{state.absolute() if state else _state_file(file)}",
    }
    files = _written(file, values, {"shop.password": chosen.password, "segment.write_key": write_key}, credentials)
    _leave(file, files, found, chosen, force=force, as_json=as_json, answers=trial.is_open)


def target(named: Path | None) -> Path:
    """Where the settings go: the file named, else /etc/poller for root where it exists, else here."""
    if named:
        return named.expanduser().absolute()
    if os.environ.get("POLLER_CONFIG"):
        return Path(os.environ["POLLER_CONFIG"]).absolute()
    is_system = os.geteuid() == 0 and _SYSTEM.is_dir()
    return (_SYSTEM if is_system else Path().absolute()) / "config.yaml"


def refuse_existing(file: Path, credentials: Path | None, *, force: bool) -> None:
    """Before anything is asked: what is there already is not replaced unless that was said."""
    from poller.errors import ConfigurationError

    places = [file, *(credentials / name for name in ("shop.password", "segment.write_key") if credentials)]
    there = [str(place) for place in places if place.exists()]
    if there and not force:
        raise ConfigurationError(
            f"{', '.join(there)} exists already.", hint="Say --force to replace it, or name another with --config."
        )
    if not file.parent.is_dir():
        raise ConfigurationError(f"There is no directory {file.parent}.", hint=f"Make it: install -d {file.parent}.")


def shown(found: "Survey") -> dict[str, object]:
    """What was found, for people."""
    shops = {
        f"shop {shop.shop_id}": f"{shop.name}, {shop.default_currency.iso or 'no default currency'}, {shop.url}"
        for shop in found.shops
    }
    first = found.shops[0]
    roles = (("cancelled", first.canceled), ("refunded", first.refunded), ("payment error", first.error))
    states = {
        f"{role} is": ", ".join(f"state {key} ({first.state_name(key) or 'deleted'})" for key in sorted(ids))
        or "no state"
        for role, ids in roles
    }
    return {
        "PrestaShop": f"{found.version}, tables begin with {found.prefix or 'nothing'}",
        "database": f"{found.url.database} on {found.url.host}, {found.server_version}",
        **shops,
        "currencies": sorted({currency.iso for currency in first.currencies.values()}),
        "time zone": found.time_zone,
        **states,
    }


def _asked_for_shop() -> str:
    from poller.setup.survey import shop_directories

    places = shop_directories()
    if len(places) == 1:
        typer.echo(f"found a PrestaShop in {places[0]}", err=True)
        return str(places[0])
    if not sys.stdin.isatty():
        several = f"; found are {', '.join(map(str, places))}" if places else ""
        raise typer.BadParameter(
            f"name the PrestaShop directory or the URL of its database{several}", param_hint="SHOP"
        )
    default = {"default": str(places[0])} if places else {}
    return str(typer.prompt("PrestaShop directory, or URL of its database", **default))  # type: ignore[arg-type]  # one optional default


def _write_key(file: Path | None) -> str:
    from poller.config.values import read_write_key
    from poller.errors import ConfigurationError

    text = os.environ.get("POLLER_SEGMENT__WRITE_KEY", "")
    if file:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise ConfigurationError(f"Cannot read the write key in {file}.", hint="Name a file of text.") from None
    elif not text and sys.stdin.isatty():
        text = typer.prompt("Write key (Segment, Sources, your source, Settings, API Keys)", hide_input=True)
    elif not text:
        raise typer.BadParameter("give it in a file, or as POLLER_SEGMENT__WRITE_KEY", param_hint="--write-key-file")
    try:
        return str(read_write_key(text))
    except ValueError as error:
        raise ConfigurationError(f"What was given {error}.", hint="") from None


def _asked_for_region() -> str:
    if not sys.stdin.isatty():
        return "us"

    def known(text: str) -> str:
        if text not in {"us", "eu"}:
            raise typer.BadParameter("say us or eu")
        return text

    return str(typer.prompt("Region of the workspace (us, eu)", default="us", value_proc=known))


def _state_file(config: Path) -> Path:
    is_system = config.parent == _SYSTEM or _STATE.is_dir()
    return (_STATE if is_system else config.parent) / "state.db"


def _written(file: Path, values: dict[str, str], secrets: dict[str, str], credentials: Path | None) -> dict[Path, str]:
    """The files and what goes into them; a secret that is empty is left out."""
    from poller.setup.proposal import filled, template

    given = {name: secret for name, secret in secrets.items() if secret}
    beside = {credentials / name: f"{secret}\n" for name, secret in given.items()} if credentials else {}
    return {file: filled(template(), values if credentials else values | given), **beside}


def _leave(
    file: Path, files: dict[Path, str], found: "Survey", chosen: "Account", *, force: bool, as_json: bool, answers: bool
) -> None:
    """Write everything, and say what comes next."""
    from poller.setup.proposal import private_file, statements_for

    script = file.with_name("grants.sql")
    whole = "\n".join(statements_for(found, chosen, password=chosen.password)) + "\n"
    for place, text in {**files, script: whole}.items():
        private_file(place, text, replace=force or place == script)
    to_show = list(statements_for(found, chosen, password="… as in the file …"))  # noqa: S106 - stands for it
    if as_json:
        print_json(
            {
                "files": [str(place) for place in (*files, script)],
                "account": f"{chosen.url.username}@{chosen.host}",
                "is_account_new": chosen.is_new,
                "statements": to_show,
                "segment_answers": answers,
                "found": shown(found),
            }
        )
        return
    for line in next_steps(file, files, script, chosen, to_show):
        typer.echo(line)


def next_steps(
    file: Path, files: dict[Path, str], script: Path, chosen: "Account", to_show: list[str]
) -> Iterator[str]:
    """What an administrator does now."""
    yield ""
    yield f"written: {', '.join(str(place) for place in (*files, script))}"
    yield ""
    why = "makes the account" if chosen.is_new else "gives the account what it needs"
    yield f"1. As the database's administrator, let the account read (this {why}; {script} has it whole):"
    yield f"       mysql < {script}"
    yield ""
    yield from (f"       {statement}" for statement in to_show)
    yield ""
    yield "   The last line is optional: with PROCESS, missing ids are settled within seconds instead of a day. It also"
    yield "   shows other accounts' running statements. Without it nothing is lost."
    yield f"2. poller --config {file} check"
    yield f"3. poller --config {file} run, or under systemd: systemctl enable --now poller"
