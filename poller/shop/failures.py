"""What the database's errors mean to the operator."""

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from poller.errors import ConfigurationError, PollerError, ShopStatementError, ShopUnreachableError

_REFUSED = (1044, 1045, 1698, 2059, 4151)
_UNKNOWN_DATABASE = 1049
_FIRST_CLIENT_ERROR, _AFTER_CLIENT_ERRORS = 2_000, 3_000  # the client's own: no connection, or a lost one
_TLS_ERROR = 2026
_TLS = (
    "Give shop.tls_ca the database's ca.pem, and shop.url the name its certificate has; or give up who it is with "
    "shop.tls: require, or all of it with shop.tls: off."
)
_PASSING = (1040, 1053, 1077, 1205, 1213, 1317, 1927)
_TIME_LIMIT = (1969, 3024)
_SCHEMA_CHANGED = (1054, 1146)
_DENIED = (1142, 1143, 1227, 1370)
_COLLATIONS = (1267, 1271)
GRANTS = "Run sql/ops/grants.sql as an administrator, then `poller check`."


def translate(error: SQLAlchemyError, what: str) -> PollerError:
    """The poller's error for a failed connection or statement; `what` is the statement's name, or 'connect'."""
    code, text = _code(error)
    if wrong := _misconfigured(error, code, text):
        return wrong
    if what == "connect" or code is None or code in _PASSING or _FIRST_CLIENT_ERROR <= code < _AFTER_CLIENT_ERRORS:
        hint = "It is tried again; check shop.url and the server."
        return ShopUnreachableError(f"The shop's database cannot be reached: {text}.", hint=hint)
    if code in _TIME_LIMIT:
        hint = "The database is busy or lacks an index: see `poller check`."
        return ShopStatementError(f"Reading {what} took longer than shop.statement_timeout.", hint=hint)
    return ShopStatementError(f"Reading {what} failed: {text}.", hint=_hint(code))


def _misconfigured(error: SQLAlchemyError, code: int | None, text: str) -> ConfigurationError | None:
    """What the operator has to set right."""
    if not isinstance(error, DBAPIError):
        return ConfigurationError(f"shop.url cannot be used: {text}.", hint="See shop.url in the reference.")
    if code in _REFUSED:
        hint = "Check shop.url and shop.password, and run sql/ops/grants.sql."
        return ConfigurationError(f"The shop's database refuses the account: {text}.", hint=hint)
    if code == _UNKNOWN_DATABASE:
        return ConfigurationError(f"The shop's database does not exist: {text}.", hint="Check the name in shop.url.")
    if code == _TLS_ERROR or "[SSL" in text:
        return ConfigurationError(f"No trusted TLS connection to the shop's database: {text}.", hint=_TLS)
    return None


def _hint(code: int) -> str:
    if code in _SCHEMA_CHANGED:
        return "The shop's schema is examined again at the next poll; see `poller check` if it stays."
    if code in _DENIED:
        return GRANTS
    if code in _COLLATIONS:
        return "Two tables of the shop have different collations: convert them to one."
    return "See `poller check`."


def is_schema_change(error: SQLAlchemyError) -> bool:
    """Whether a table or column went missing since the schema was examined."""
    return _code(error)[0] in _SCHEMA_CHANGED


def is_denied(error: SQLAlchemyError) -> bool:
    """Whether a privilege is missing."""
    return _code(error)[0] in _DENIED


def _code(error: SQLAlchemyError) -> tuple[int | None, str]:
    arguments: tuple[object, ...] = getattr(getattr(error, "orig", None), "args", ())
    match arguments:
        case (int(code), text, *_):
            return code, str(text).rstrip(".")
        case (text, *_):
            return None, str(text).rstrip(".")
    return None, str(error).rstrip(".")
