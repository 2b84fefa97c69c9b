"""Reads a PrestaShop directory's database settings out of its PHP files, without running any PHP.

Only literals are understood; a value that PHP would compute is an error that names it, never a guess.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from sqlalchemy.engine import URL

from poller.errors import ConfigurationError

PARAMETERS = Path("app/config/parameters.php")
SETTINGS = Path("config/settings.inc.php")
_USUAL_SOCKETS = ("/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock")

_HIGHEST_PORT = 65_535

_INSTEAD = "Give shop.url (and shop.password, shop.prefix) instead of shop.path."
_TOKEN = re.compile(
    r"""
      (?P<skip>   \s+ | //[^\n]* | \#(?!\[)[^\n]* | /\*.*?\*/ | <\?php | \?> )
    | (?P<single> '(?:[^'\\]|\\.)*' )
    | (?P<double> "(?:[^"\\]|\\.)*" )
    | (?P<arrow>  => )
    | (?P<number> -?\d+(?:\.\d+)? )
    | (?P<word>   \\?[A-Za-z_]\w*(?:\\\w+)* )
    | (?P<sign>   . )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)", re.DOTALL)
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "v": "\v", "e": "\x1b", "f": "\f", "\\": "\\", "$": "$", '"': '"'}
_KEYS = {
    "database_host": "host",
    "database_port": "port",
    "database_name": "name",
    "database_user": "user",
    "database_password": "password",
    "database_prefix": "prefix",
    "_DB_SERVER_": "host",
    "_DB_NAME_": "name",
    "_DB_USER_": "user",
    "_DB_PASSWD_": "password",
    "_DB_PREFIX_": "prefix",
}

Kind: TypeAlias = Literal["literal", "computed", "arrow", "sign", "word"]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class ShopDatabase:
    """Where a PrestaShop keeps its tables; the address holds no password."""

    url: URL
    password: str
    prefix: str


def read_prestashop(directory: Path, *, sockets: Sequence[str] = _USUAL_SOCKETS) -> ShopDatabase:
    """Read `app/config/parameters.php` (1.7 and later), else `config/settings.inc.php` (1.6).

    Raises ConfigurationError when neither is there, can be read, or says all that is needed.
    """
    for relative in (PARAMETERS, SETTINGS):
        file = directory / relative
        try:
            text = file.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise ConfigurationError(
                f"shop.path: cannot read {file}: {reason}.", hint=f"Let the poller's user read it, or: {_INSTEAD}"
            ) from None
        pairs = _array_items(_tokens(text)) if relative == PARAMETERS else _defines(_tokens(text))
        return _database(file, _wanted(file, pairs), sockets=sockets)
    raise ConfigurationError(
        f"shop.path: {directory} holds neither {PARAMETERS} nor {SETTINGS}: it is not a PrestaShop directory.",
        hint=f"Name the directory PrestaShop was installed in. {_INSTEAD}",
    )


def _tokens(text: str) -> list[_Token]:
    return [token for match in _TOKEN.finditer(text) if (token := _token(match)) is not None]


def _token(match: re.Match[str]) -> _Token | None:
    text = match[0]
    match match.lastgroup:
        case "skip":
            token = None
        case "single":
            token = _Token("literal", re.sub(r"\\([\\'])", r"\1", text[1:-1]))
        case "double":
            token = _double_quoted(text[1:-1])
        case "word" if text.lower() == "null":
            token = _Token("literal", "")
        case "number":
            token = _Token("literal", text)
        case "word" | "arrow" as kind:
            token = _Token(kind, text)
        case _:
            token = _Token("sign", text)
    return token


def _double_quoted(body: str) -> _Token:
    """A double-quoted string, unless it names a variable: that only PHP can fill in."""
    if re.search(r"(?<!\\)(?:\\\\)*(\$[A-Za-z_{]|\{\$)", body):
        return _Token("computed", "")
    return _Token("literal", _ESCAPE.sub(_unescape, body))


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    if code in _NAMED:
        return _NAMED[code]
    if code.startswith("u{"):
        return chr(int(code[2:-1], 16))
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return match[0]


def _array_items(tokens: Sequence[_Token]) -> Iterator[tuple[str, str | None]]:
    """Every `'key' => value` of an array; None for a value that is not a literal. In PHP the last one holds."""
    for at in range(len(tokens) - 3):
        key, arrow, value, after = tokens[at : at + 4]
        if key.kind == "literal" and arrow.kind == "arrow":
            is_literal = value.kind == "literal" and after.text in {",", ")", "]"}
            yield key.text, value.text if is_literal else None


def _defines(tokens: Sequence[_Token]) -> Iterator[tuple[str, str | None]]:
    """Every `define('NAME', value)`, last first: in PHP the first one holds."""
    for at in range(len(tokens) - 6, -1, -1):
        word, opening, key, comma, value, after = tokens[at : at + 6]
        if word.kind == "word" and word.text.lower().lstrip("\\") == "define" and opening.text + comma.text == "(,":
            is_literal = value.kind == "literal" and after.text in {",", ")"}
            yield key.text, value.text if is_literal else None


def _wanted(file: Path, pairs: Iterator[tuple[str, str | None]]) -> Mapping[str, str]:
    found = {key: value for key, value in pairs if key in _KEYS}
    values = {}
    for key, value in found.items():
        if value is None:
            raise ConfigurationError(f"shop.path: {file} computes {key} when PHP runs.", hint=_INSTEAD)
        values[_KEYS[key]] = value
    missing = [key for key in ("host", "name", "user") if not values.get(key)]
    if missing:
        raise ConfigurationError(f"shop.path: {file} does not say the database's {', '.join(missing)}.", hint=_INSTEAD)
    return values


def _database(file: Path, values: Mapping[str, str], *, sockets: Sequence[str]) -> ShopDatabase:
    host, port, socket = _address(values["host"], values.get("port", ""), sockets=sockets)
    if port and not 0 < int(port) <= _HIGHEST_PORT:
        raise ConfigurationError(f"shop.path: {file} names a port that cannot be.", hint=_INSTEAD)
    url = URL.create(
        "mysql+pymysql",
        username=values["user"],
        host=host,
        port=int(port) if port else None,
        database=values["name"],
        query={"unix_socket": socket} if socket else {},
    )
    return ShopDatabase(url=url, password=values.get("password", ""), prefix=values.get("prefix", "ps_"))


def _address(host: str, port: str, *, sockets: Sequence[str]) -> tuple[str, str, str]:
    """Host, port and socket as PrestaShop's Db class tells them apart: `host:port`, `host:/socket`, `host`.

    For a bare `localhost` PHP uses the client library's socket; so does this, where one of the usual ones exists.
    """
    if port.isdigit():
        host = f"{host}:{port}"
    if match := re.fullmatch(r"(.*):([0-9]+)", host):
        return match[1].strip("[]"), match[2], ""
    if match := re.fullmatch(r".*?:?(/.*)", host):
        return "localhost", "", match[1]
    if host == "localhost":
        return host, "", next((socket for socket in sockets if Path(socket).is_socket()), "")
    return host.strip("[]"), "", ""
