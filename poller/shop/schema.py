"""What this installation's database has: tables, columns, version, and what the account may know."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, TextClause
from sqlalchemy.exc import SQLAlchemyError

from poller.errors import ConfigurationError
from poller.shop.failures import GRANTS, is_denied, translate
from poller.shop.statements import Statement, statements

REQUIRED = ("orders", "order_detail", "order_history", "order_slip", "customer", "cart", "configuration")


@dataclass(frozen=True, slots=True)
class Schema:
    """The schema at hand; statements are fitted to it once.

    `knows_horizon`: running transactions are visible (PROCESS granted) and all writers are on this server.
    """

    prefix: str
    columns: Mapping[str, frozenset[str]]
    server_version: str
    knows_horizon: bool
    horizon_obstacle: str
    _fitted: dict[str, TextClause] = field(default_factory=dict, compare=False)

    def fitted(self, statement: Statement) -> TextClause:
        """The statement for this schema."""
        if statement.name not in self._fitted:
            self._fitted[statement.name] = statement.fitted(self.columns, self.prefix)
        return self._fitted[statement.name]


def examine(connection: Connection, prefix: str) -> Schema:
    """Ask information_schema and the server what there is."""
    bare = Schema(prefix, {}, "", knows_horizon=False, horizon_obstacle="")
    try:
        like = prefix.replace("_", "\\_").replace("%", "\\%") + "%"
        rows = connection.execute(bare.fitted(statements()["session/columns"]), {"prefix": like}).all()
        server = connection.execute(bare.fitted(statements()["session/server"])).one()
    except SQLAlchemyError as error:
        raise translate(error, "information_schema") from error
    columns: dict[str, set[str]] = {}
    for table, column in rows:
        columns.setdefault(str(table).removeprefix(prefix), set()).add(str(column))
    _require(columns, prefix, str(connection.engine.url.database))
    obstacle = _horizon_obstacle(connection, bare, server)
    return Schema(
        prefix=prefix,
        columns={table: frozenset(names) for table, names in columns.items()},
        server_version=str(server.version),
        knows_horizon=not obstacle,
        horizon_obstacle=obstacle,
    )


def _require(columns: Mapping[str, set[str]], prefix: str, database: str) -> None:
    missing = [f"{prefix}{table}" for table in REQUIRED if table not in columns]
    if len(missing) == len(REQUIRED):
        raise ConfigurationError(
            f"Database {database} has no readable PrestaShop table with the prefix {prefix!r}.",
            hint=f"Check the database in shop.url and shop.prefix. {GRANTS}",
        )
    if missing:
        raise ConfigurationError(
            f"Database {database} lacks {', '.join(missing)}, or the account may not read them.", hint=GRANTS
        )


def _horizon_obstacle(connection: Connection, bare: Schema, server: object) -> str:
    """Why running transactions cannot be trusted to own every missing id; empty if they can."""
    if int(getattr(server, "read_only", 0)):
        return "the server is a read-only replica"
    if int(getattr(server, "auto_increment_increment", 1)) > 1:
        return "auto_increment_increment is above 1 (a cluster)"
    try:
        connection.execute(bare.fitted(statements()["session/process_privilege"])).all()
    except SQLAlchemyError as error:
        if is_denied(error):
            return "the account lacks the PROCESS privilege"
        raise translate(error, "information_schema.innodb_cmp") from error
    return ""
