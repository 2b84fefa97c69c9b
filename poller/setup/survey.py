"""The survey: what can be found of a shop, so that nobody has to be asked."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.engine import URL

from poller.config.prestashop import PARAMETERS, SETTINGS, read_prestashop
from poller.config.values import read_shop_url
from poller.errors import ConfigurationError
from poller.shop.database import ShopDatabase
from poller.shop.discovery import look_around
from poller.shop.session import make_engine
from poller.streams.shops import ShopInfo

_USUAL_PLACES = (Path(), Path("/var/www/html"), Path("/var/www/prestashop"), Path("/srv/prestashop"))
_BELOW = (Path("/var/www"), Path("/var/www/vhosts"))
_PATIENCE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was found. `url` holds no password; `writes` is what the account could change, `client` this host to it."""

    url: URL
    password: str
    prefix: str
    version: str
    server_version: str
    time_zone: str
    shops: Sequence[ShopInfo]
    tables: frozenset[str]
    writes: Sequence[str]
    client: str


def shop_directories() -> list[Path]:
    """Where a PrestaShop is usually installed, as far as one is there."""
    below = [child for place in _BELOW if place.is_dir() for child in sorted(place.iterdir())]
    found = {place.resolve(): None for place in (*_USUAL_PLACES, *below) if _is_shop(place)}
    return list(found)


def _is_shop(place: Path) -> bool:
    try:
        return any((place / file).is_file() for file in (PARAMETERS, SETTINGS))
    except PermissionError:
        return False


def address_of(source: str) -> tuple[URL, str, str]:
    """The database behind a PrestaShop directory or a URL: address, password, and the prefix if it is known."""
    if "://" not in source:
        found = read_prestashop(Path(source).expanduser())
        return found.url, found.password, found.prefix
    try:
        url = read_shop_url(source)
    except ValueError as error:
        raise ConfigurationError(
            f"The URL {error}.", hint="Or name the directory PrestaShop is installed in."
        ) from None
    password = url.password if isinstance(url.password, str) else os.environ.get("POLLER_SHOP__PASSWORD", "")
    return url._replace(password=None), password, ""


def survey(url: URL, password: str, *, prefix: str) -> Survey:
    """Look at the shop. Raises ConfigurationError or ShopUnreachableError."""
    engine = make_engine(url.set(password=password) if password else url, statement_timeout=_PATIENCE)
    around = look_around(engine)
    prefix = prefix or _only(around.prefixes, str(url.database))
    shop = ShopDatabase(engine, prefix=prefix)
    reference = shop.reference()
    with shop.session() as (_, schema):
        return Survey(
            url=url,
            password=password,
            prefix=prefix,
            version=reference.version,
            server_version=schema.server_version,
            time_zone=reference.time.zone.key,
            shops=list(reference.shops.values()),
            tables=frozenset(schema.columns),
            writes=around.writes,
            client=around.host,
        )


def _only(prefixes: Sequence[str], database: str) -> str:
    if len(prefixes) == 1:
        return prefixes[0]
    if not prefixes:
        raise ConfigurationError(
            f"Database {database} holds no PrestaShop, or the account may not read its tables.",
            hint="Check the database's name, or name the PrestaShop directory: its own account reads everything.",
        )
    raise ConfigurationError(
        f"Database {database} holds several PrestaShops, with the prefixes {', '.join(prefixes)}.",
        hint="Say which one with --prefix.",
    )
