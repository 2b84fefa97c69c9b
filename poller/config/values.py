"""How people write values: durations, moments, time zones, lists, database and web addresses.

Every reader raises ValueError with a sentence that completes "`setting` ..." and never repeats what may be a secret.
"""

import re
from datetime import date, datetime, time, timedelta
from importlib.util import find_spec
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import yaml
from pydantic import BeforeValidator, SecretStr
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_DURATION = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>ms|s|m|h|d|)")
_SECONDS = {"ms": 0.001, "s": 1, "": 1, "m": 60, "h": 3_600, "d": 86_400}
_HIGHEST_PORT = 65_535
_LONGEST_SECONDS = 10 * 366 * 86_400
_SHOP_DRIVERS = ("mysql+pymysql", "mysql+mysqldb", "mariadb+pymysql", "mariadb+mysqldb")
_URL_EXAMPLE = "mysql+pymysql://poller@127.0.0.1:3306/prestashop"


def read_duration(value: object) -> timedelta:
    """`500ms`, `2s`, `10m`, `24h`, `7d`; a plain number is seconds."""
    if isinstance(value, timedelta):
        return value
    match = None if isinstance(value, bool) else _DURATION.fullmatch(str(value).strip().lower())
    if match is None:
        raise ValueError("is not a duration: write 500ms, 2s, 10m or 24h")
    seconds = float(match["number"]) * _SECONDS[match["unit"]]
    if seconds > _LONGEST_SECONDS:
        raise ValueError("is longer than ten years: write 500ms, 2s, 10m or 24h")
    return timedelta(seconds=seconds)


def read_pause(value: object) -> timedelta:
    """A duration that must last: what runs every 0 s never rests."""
    duration = read_duration(value)
    if not duration:
        raise ValueError("must be longer than 0: write 500ms, 2s, 10m or 24h")
    return duration


def read_share(value: object) -> float:
    """`1%`, or `0.01`: a part of one, more than nothing and at most all of it."""
    text = str(value).strip()
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if isinstance(value, bool) or not 0 < share <= 1:
        raise ValueError("is not a share: write 1% or 0.01, more than 0 and at most 100%")
    return share


def write_duration(duration: timedelta) -> str:
    """A duration as read_duration takes it, in its largest whole unit."""
    milliseconds = round(duration.total_seconds() * 1_000)
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)):
        if milliseconds and milliseconds % size == 0 and (unit != "d" or milliseconds > size):
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0s"


def read_moment(value: object) -> datetime:
    """`2024-03-01` or ISO 8601 with or without a zone.

    A naive result is the shop's wall time; a date is midnight there.
    """
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time.min)
    try:
        return datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError("is not a date: write 2024-03-01, or 2024-03-01T08:30:00+01:00") from None


def read_start(value: object) -> Literal["now", "beginning"] | datetime:
    """`now`, `beginning`, or a moment."""
    word = str(value).strip().lower()
    if word == "now":
        return "now"
    if word == "beginning":
        return "beginning"
    try:
        return read_moment(value)
    except ValueError:
        raise ValueError("is not a start: write now, beginning, or a date like 2024-03-01") from None


def read_zone(value: object) -> str:
    """`auto`, or a name of the IANA time zone database."""
    name = str(value).strip()
    if name.lower() == "auto":
        return "auto"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"is not a known time zone{_like(name)}: write auto, or a name like Europe/Paris") from None
    return name


def _like(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, available_timezones(), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def read_structure(value: object) -> Any:
    """Text from the environment becomes the list or mapping it spells, in YAML or JSON; all else stays."""
    if not isinstance(value, str):
        return value
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError:
        raise ValueError("cannot be read: write it as JSON") from None


def read_list(value: object) -> Any:
    """A list; from the environment also `one,two`."""
    structure = read_structure(value)
    if isinstance(structure, str):
        return [part.strip() for part in structure.split(",") if part.strip()]
    return [structure] if isinstance(structure, int) else structure


def read_language(value: object) -> str:
    """`auto`, or a language's code as PrestaShop writes it: two letters, `en`."""
    text = "no" if value is False else str(value).strip().lower()  # YAML reads Norwegian as a denial
    if text != "auto" and not re.fullmatch(r"[a-z]{2}", text):
        raise ValueError("is not a language: write its two letters, as en or fr, or auto")
    return text


def read_internal(value: object) -> tuple[str, ...]:
    """E-mail addresses (made lower case) and customer ids."""
    entries = read_list(value)
    if not isinstance(entries, list | tuple):
        raise ValueError("must be a list of e-mail addresses and customer ids")  # noqa: TRY004 - pydantic reports ValueError only
    texts = tuple(str(entry).strip().lower() for entry in entries)
    for position, text in enumerate(texts, start=1):
        if not re.fullmatch(r"[1-9]\d*|[^@\s]+@[^@\s]+", text):
            raise ValueError(f"holds neither an e-mail address nor a customer id at position {position}")
    return texts


def read_shop_url(value: object) -> URL:
    """A SQLAlchemy URL of a MySQL or MariaDB database; without a driver, PyMySQL."""
    try:
        url = value if isinstance(value, URL) else make_url(str(value).strip())
    except (ArgumentError, ValueError):
        raise ValueError(f"is not a database URL: write it like {_URL_EXAMPLE}") from None
    if url.drivername in {"mysql", "mariadb"}:
        url = url.set(drivername=f"{url.drivername}+pymysql")
    if url.drivername not in _SHOP_DRIVERS:
        raise ValueError(f"must be a MySQL or MariaDB database: write it like {_URL_EXAMPLE}")
    if url.drivername.endswith("mysqldb") and find_spec("MySQLdb") is None:
        raise ValueError("asks for mysqlclient, which is not installed: install the extra `fast`, or use mysql+pymysql")
    if not url.database:
        raise ValueError(f"names no database: write it like {_URL_EXAMPLE}")
    if not url.username:
        raise ValueError(f"names no user: write it like {_URL_EXAMPLE}")
    return url


def read_state_url(value: object) -> str:
    """The URL of an SQLite file."""
    text = str(value).strip()
    if not re.fullmatch(r"sqlite(\+pysqlite)?://(/.*)?", text):
        raise ValueError("is not an SQLite URL: write it like sqlite:////var/lib/poller/state.db (four slashes)")
    return text


def read_host(value: object) -> str:
    """Where Segment is: scheme and host, without `/v1`."""
    remedy = "write https://api.segment.io, or https://events.eu1.segmentapis.com for a workspace in the EU"
    text = str(value).strip().rstrip("/")
    try:
        parts = urlsplit(text)
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ValueError(f"is not an address: {remedy}") from None
    if parts.scheme not in {"http", "https"} or not is_whole or parts.query or parts.fragment:
        raise ValueError(f"is not an address: {remedy}")
    if parts.username or parts.password:
        raise ValueError(f"must not hold a user or password: {remedy}")
    if re.search(r"/v1(/batch)?$", parts.path):
        raise ValueError(f"must not end in {parts.path}, which is added: {remedy}")
    return text


def read_loopback(value: object) -> str:
    """Host and port on this host alone: what answers there asks nobody who they are."""
    text = str(value).strip()
    if not text:
        return ""
    host, _, port = text.rpartition(":")
    if host not in {"127.0.0.1", "localhost", "[::1]"} or not port.isdigit() or int(port) > _HIGHEST_PORT:
        raise ValueError("is not an address of this host alone: write 127.0.0.1:9464")
    return text


def read_secret(value: object) -> object:
    """A secret without the line end that a file or a shell leaves behind."""
    if isinstance(value, SecretStr):
        return value
    if not isinstance(value, str):
        raise ValueError("must be text: put it in quotes")  # noqa: TRY004 - pydantic reports ValueError only
    return value.strip("\r\n")


def read_write_key(value: object) -> object:
    """A write key: one word."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else read_secret(value)
    if not isinstance(text, str) or not re.fullmatch(r"[\x21-\x7e]+", text.strip()):
        raise ValueError("is not a write key: copy it from Segment, Sources, your source, Settings, API Keys")
    return text.strip()


Duration: TypeAlias = Annotated[timedelta, BeforeValidator(read_duration)]
Pause: TypeAlias = Annotated[timedelta, BeforeValidator(read_pause)]
Start: TypeAlias = Annotated[datetime | Literal["now", "beginning"], BeforeValidator(read_start)]
Zone: TypeAlias = Annotated[str, BeforeValidator(read_zone)]
Loopback: TypeAlias = Annotated[str, BeforeValidator(read_loopback)]
Secret: TypeAlias = Annotated[SecretStr, BeforeValidator(read_secret)]
WriteKey: TypeAlias = Annotated[SecretStr, BeforeValidator(read_write_key)]
Host: TypeAlias = Annotated[str, BeforeValidator(read_host)]
ShopUrl: TypeAlias = Annotated[URL, BeforeValidator(read_shop_url)]
StateUrl: TypeAlias = Annotated[str, BeforeValidator(read_state_url)]
Language: TypeAlias = Annotated[str, BeforeValidator(read_language)]
Internal: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(read_internal)]
Share: TypeAlias = Annotated[float, BeforeValidator(read_share)]
