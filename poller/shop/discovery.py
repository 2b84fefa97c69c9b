"""What `poller init` finds by itself: the prefix of the tables, and how the database sees this host."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from poller.shop.failures import translate
from poller.shop.schema import Schema
from poller.shop.session import connect
from poller.shop.statements import statements

_EVERY_SHOP_HAS = "order_slip_detail"
WRITES = ("ALL PRIVILEGES", "INSERT", "UPDATE", "DELETE", "DROP", "ALTER", "CREATE", "SUPER")


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
    """The privileges among SHOW GRANTS' lines by which an account could change something."""
    return sorted({word for grant in grants for word in WRITES if word in grant.split(" ON ")[0].split("GRANT", 1)[-1]})
