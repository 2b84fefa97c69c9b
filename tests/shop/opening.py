"""The shop edge on a test's database, as the App would open it."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import make_url

from poller.demo.server import PrivateMariaDB
from poller.shop.database import ShopDatabase
from poller.shop.people import CustomField
from poller.shop.session import make_engine


def open_shop(
    server: PrivateMariaDB,
    database: str,
    *,
    user: str = "root",
    password: str = "",
    statement_timeout: timedelta = timedelta(seconds=10),
    timezone: str = "auto",
    language: str = "auto",
    prefix: str = "ps_",
    custom: CustomField | None = None,
    languages: Mapping[int, str] | None = None,
    consent: Mapping[str, str] | None = None,
) -> ShopDatabase:
    """By loopback where the server was given a port, else by its socket."""
    way = server.tcp_url if server.port else server.url
    url = make_url(way(database, user=user, password=password))
    engine = make_engine(url, statement_timeout=statement_timeout)
    return ShopDatabase(
        engine,
        prefix=prefix,
        timezone=timezone,
        language=language,
        languages=languages or {},
        custom=custom,
        consent=consent or {},
    )
