"""What `poller init` finds by itself: the prefix of the tables, and how the database sees this host."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from poller.shop.failures import translate
from poller.shop.schema import Schema
from poller.shop.session import connect
from poller.shop.statements import statements

_EVERY_SHOP_HAS = "order_slip_detail"
HARMLESS = frozenset(
    {"USAGE", "SELECT", "PROCESS", "SHOW VIEW", "SHOW DATABASES", "REPLICATION CLIENT", "BINLOG MONITOR"}
)
"""All that an account which only looks may have; whatever else there is, in whatever version, is more."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A database before its schema is known: the prefixes PrestaShops in it have, and who we are to it."""

    prefixes: Sequence[str]
    user: str
    host: str
    writes: Sequence[str]


def look_around(engine: Engine) -> Surroundings:
    """Ask the server; raises ShopUnreachableError or ConfigurationError."""
    bare = Schema("", {}, "", knows_horizon=False, horizon_obstacle="")
    with connect(engine) as connection:
        try:
            tables = [row[0] for row in connection.execute(bare.fitted(statements()["session/prefixes"]))]
            seen_as = str(connection.execute(bare.fitted(statements()["session/account"])).one().seen_as)
            grants = [str(row[0]) for row in connection.execute(bare.fitted(statements()["session/grants"]))]
        except SQLAlchemyError as error:
            raise translate(error, "information_schema") from error
    user, _, host = seen_as.rpartition("@")
    return Surroundings(
        prefixes=[str(table).removesuffix(_EVERY_SHOP_HAS) for table in tables],
        user=user,
        host=host,
        writes=written_by(grants),
    )


def written_by(grants: Sequence[str]) -> Sequence[str]:
    """What SHOW GRANTS' lines allow beyond looking: privileges to change something, or to hand rights on."""
    found: set[str] = set()
    for grant in grants:
        privileges, _, rest = re.sub(r"\([^)]*\)", "", grant.removeprefix("GRANT ")).partition(" ON ")
        if rest:
            found |= {word.strip() for word in privileges.split(",")} - HARMLESS
        if " WITH GRANT OPTION" in rest:
            found.add("GRANT OPTION")
    return sorted(found)
