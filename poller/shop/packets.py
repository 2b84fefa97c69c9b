"""How PyMySQL's rows are decoded: a row in one go, where the driver itself makes some calls for every single value.

Reading is the largest part of a backfill. What comes out is what the driver would have made of it, save that text which
is no UTF-8 keeps what can be read; a test compares the two on every type that a shop's tables have.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn, TypeAlias

from pymysql import err
from pymysql.connections import Connection, MySQLResult
from pymysql.constants import CR
from pymysql.converters import convert_datetime
from pymysql.protocol import MysqlPacket

_NULL, _END, _ERROR = 0xFB, 0xFE, 0xFF
_WIDTHS = {0xFC: 2, 0xFD: 3, 0xFE: 8}
"""The first byte of a value longer than 250 bytes, and how many bytes after it tell the length."""
_LONGEST_END = 8
_WHOLE_PACKET = 0xFFFFFF

Decoder: TypeAlias = Callable[[bytes], object]


_Connection: Any = Connection
_MySQLResult: Any = MySQLResult
"""The stubs of the driver know nothing of what is overridden here; the tests do."""


class QuickConnection(_Connection):  # type: ignore[misc]
    """A connection whose results are decoded here."""

    _next_seq_id: int

    def _read_query_result(self, unbuffered: bool = False) -> Any:  # noqa: FBT001, FBT002 - the driver's own signature
        if unbuffered:
            return super()._read_query_result(unbuffered=True)
        self._result = None
        result = _Result(self)
        result.read()
        self._result = result
        if result.server_status is not None:
            self.server_status = result.server_status
        return result.affected_rows

    def next_packet(self) -> bytes:
        """The next packet's content; raises what the driver raises where the server reports an error or is gone."""
        try:
            part = whole = self._part()
            while len(part) == _WHOLE_PACKET:
                part = self._part()
                whole += part
        except OSError as error:
            self._lose(f" ({error})", error)
        if whole[0] == _ERROR:
            MysqlPacket(whole, self.encoding).raise_for_error()
        return whole

    def _part(self) -> bytes:
        read = self._rfile.read
        header = read(4)
        if len(header) < 4 or header[3] != self._next_seq_id:  # noqa: PLR2004 - the protocol's own
            self._lose()
        self._next_seq_id = (header[3] + 1) & 0xFF
        length = int.from_bytes(header[:3], "little")
        data: bytes = read(length)
        if len(data) < length:
            self._lose()
        return data

    def _lose(self, why: str = "", cause: BaseException | None = None) -> NoReturn:
        self._force_close()
        text = f"Lost connection to MySQL server during query{why}"
        raise err.OperationalError(CR.CR_SERVER_LOST, text) from cause


class _Result(_MySQLResult):  # type: ignore[misc]
    """A result that is read to its end at once."""

    connection: Any
    affected_rows: int | None

    def _read_rowdata_packet(self) -> None:
        decoders = [decoder(encoding, converter) for encoding, converter in self.converters]
        rows = []
        packet = self.connection.next_packet()
        while not (packet[0] == _END and len(packet) <= _LONGEST_END):
            rows.append(decoded(packet, decoders))
            packet = self.connection.next_packet()
        self._check_packet_is_eof(MysqlPacket(packet, self.connection.encoding))
        self.connection = None
        self.affected_rows = len(rows)
        self.rows = tuple(rows)


def decoded(packet: bytes, decoders: Sequence[Decoder]) -> tuple[object, ...]:
    """The values of one row."""
    row: list[object] = []
    at = 0
    for decode in decoders:
        length = packet[at]
        at += 1
        if length >= _NULL:
            if length == _NULL:
                row.append(None)
                continue
            width = _WIDTHS[length]
            length = int.from_bytes(packet[at : at + width], "little")
            at += width
        row.append(decode(packet[at : at + length]))
        at += length
    return tuple(row)


def decoder(encoding: str | None, converter: Callable[[Any], object] | None) -> Decoder:
    """What makes a value of a column's bytes, by what the driver would have used."""
    if converter in {int, float} and encoding:
        return converter  # both read ASCII digits from bytes
    if converter is Decimal:
        return _decimal
    if converter is convert_datetime:
        return _moment
    if converter is None:
        return _text if encoding else bytes
    return lambda data: converter(str(data, "utf-8", "replace") if encoding else data)


def _text(data: bytes) -> str:
    return str(data, "utf-8", "replace")


def _decimal(data: bytes) -> Decimal:
    return Decimal(data.decode("ascii"))


def _moment(data: bytes) -> datetime | str:
    """A date and time; what is none, such as PrestaShop's zero dates, stays text."""
    text = data.decode("ascii")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return text
