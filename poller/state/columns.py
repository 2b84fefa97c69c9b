"""Column types that every database stores alike: instants as integers, message ids as 16 bytes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, LargeBinary
from sqlalchemy.dialects.mysql import BINARY
from sqlalchemy.types import TypeDecorator, TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware time as whole microseconds since 1970 UTC: exact, ordered, and the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse a naive time: nobody could say later which zone it was in."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time inside the poller")
        return (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Aware UTC."""
        del dialect
        return None if value is None else _EPOCH + value * _MICROSECOND


class MessageId(TypeDecorator[UUID]):
    """A message id as its 16 bytes: less than half of its text, and there is one for every event ever sent.

    Both ways are one step, without the wrapper that a driver would put around bytes: thousands a second go by here.
    """

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[bytes]:
        """MySQL cannot make a BLOB a key."""
        return dialect.type_descriptor(BINARY(16) if dialect.name in {"mysql", "mariadb"} else LargeBinary(16))

    def bind_processor(self, dialect: Dialect) -> Callable[[UUID | None], bytes | None]:
        """Store the bytes."""
        del dialect
        return _bytes_of

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[bytes | None], UUID | None]:
        """Read them back."""
        del dialect, coltype
        return _uuid_of


def _bytes_of(value: UUID | None) -> bytes | None:
    return None if value is None else value.bytes


def _uuid_of(value: bytes | None) -> UUID | None:
    return None if value is None else UUID(bytes=bytes(value))


def seconds(moment: datetime) -> int:
    """A time as whole seconds since 1970 UTC: what the ledger keeps, four bytes until 2038 and six for ever after."""
    return (moment - _EPOCH) // _SECOND


def from_seconds(number: int) -> datetime:
    """The inverse of seconds, aware UTC."""
    return _EPOCH + number * _SECOND
