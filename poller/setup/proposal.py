"""The proposal: config.yaml filled in, and the statements an administrator runs for the account."""

import os
import pwd
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL

from poller.errors import BugError, ConfigurationError
from poller.setup.survey import Survey
from poller.shop.statements import sql_directory

ACCOUNT = "poller"
_PLAIN = re.compile(r"[A-Za-z0-9/][\w:/@.+?=&%-]*")
_GRANT = re.compile(r"GRANT SELECT ON PREFIX_(\w+) TO")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account the poller will read with; `is_new` says that an administrator has to make it."""

    url: URL
    password: str
    host: str
    is_new: bool


def account_for(found: Survey, *, name: str = ACCOUNT, host: str = "") -> Account:
    """The account that was given, if it can only read; else one of the poller's own, with a password of chance."""
    if not found.writes and found.url.username:
        return Account(url=found.url, password=found.password, host=host or found.client, is_new=False)
    url = found.url.set(username=name)
    return Account(url=url, password=secrets.token_urlsafe(24), host=host or found.client, is_new=True)


def statements_for(found: Survey, account: Account, *, password: str) -> Iterator[str]:
    """The statements that make the account and let it read exactly what is read; `password` as it is to be shown."""
    who = f"{_quoted(str(account.url.username))}@{_quoted(account.host)}"
    if account.is_new:
        yield f"CREATE USER IF NOT EXISTS {who} IDENTIFIED BY {_quoted(password)};"
        # One that is left from an earlier try has another password.
        yield f"ALTER USER {who} IDENTIFIED BY {_quoted(password)};"
    text = (sql_directory() / "ops" / "grants.sql").read_text(encoding="utf-8")
    database = str(found.url.database)
    for table in sorted(set(_GRANT.findall(text)) & found.tables):
        yield f"GRANT SELECT ON `{database}`.`{found.prefix}{table}` TO {who};"
    yield f"GRANT PROCESS ON *.* TO {who};"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def template() -> str:
    """The commented config.yaml: inside the installed package, or beside it in a checkout."""
    inside = sql_directory().parent / "config.yaml"
    if not inside.is_file():
        raise BugError(f"There is no {inside}.", hint="The installation is incomplete: install the package again.")
    return inside.read_text(encoding="utf-8")


def filled(text: str, values: Mapping[str, str]) -> str:
    """The commented settings with some of them given, every comment and default kept."""
    lines, section, left = [], "", dict(values)
    for line in text.splitlines():
        match = re.match(r"(\s*)([a-z_]+):", line)
        if match:
            section = match[2] if not match[1] else section
            setting = f"{section}.{match[2]}" if match[1] else section
            if setting in left:
                line = f"{match[1]}{match[2]}: {_scalar(left.pop(setting))}"  # noqa: PLW2901 - the line as it will stand
        lines.append(line)
    if left:
        raise BugError(f"config.yaml has no line for {', '.join(left)}.", hint="Install the package again.")
    return "\n".join(lines) + "\n"


def _scalar(value: str) -> str:
    """A value as YAML: plain where nothing in it could be misread, quoted elsewhere."""
    if _PLAIN.fullmatch(value) and not value.replace(".", "").isdigit():
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def private_file(file: Path, text: str, *, replace: bool) -> None:
    """Write a file that its owner alone may read; one that exists is replaced as a whole, or not at all.

    Raises ConfigurationError where it exists and may not be replaced, or where the directory cannot be written.
    """
    target = file.with_name(f".{file.name}.new") if replace else file
    try:
        if replace:
            target.unlink(missing_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        _give_to_poller(target)
        if replace:
            target.replace(file)
    except FileExistsError:
        raise ConfigurationError(f"{file} exists already.", hint="Say --force to replace it.") from None
    except OSError as error:
        raise ConfigurationError(
            f"Cannot write {file}: {error.strerror}.", hint="Name another place with --config, or make the directory."
        ) from None


def _give_to_poller(file: Path) -> None:
    """As root, let the service's account own its settings: mode 0600 would shut it out."""
    if os.geteuid() == 0:
        try:
            account = pwd.getpwnam(ACCOUNT)
        except KeyError:
            return
        os.chown(file, account.pw_uid, account.pw_gid)
