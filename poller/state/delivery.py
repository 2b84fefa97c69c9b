"""How delivery stands: one row, so that a restart forgets neither a backoff nor a stop."""

from sqlalchemy import Connection, select

from poller.ports import Delivery
from poller.state.schema import delivery
from poller.state.statements import upsert

_FIELDS = tuple(Delivery.__dataclass_fields__)


def current(connection: Connection) -> Delivery:
    """How it stands; all is well where nothing was ever stored."""
    row = connection.execute(select(*(delivery.c[field] for field in _FIELDS))).mappings().one_or_none()
    return Delivery(**row) if row else Delivery()


def store(connection: Connection, standing: Delivery) -> None:
    """Replace it."""
    values = {field: getattr(standing, field) for field in _FIELDS}
    connection.execute(upsert(delivery, *_FIELDS), {"id": 1} | values)
