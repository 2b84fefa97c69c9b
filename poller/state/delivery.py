"""How delivery stands: a row a source, so that a restart forgets neither a backoff nor a stop."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from poller.ports import Delivery
from poller.state.schema import standing
from poller.state.statements import upsert

_FIELDS = tuple(Delivery.__dataclass_fields__)


def current(connection: Connection, source: str) -> Delivery:
    """How it stands; all is well where nothing was ever stored."""
    columns = (standing.c[field] for field in _FIELDS)
    row = connection.execute(select(*columns).where(standing.c.source == source)).mappings().one_or_none()
    return Delivery(**row) if row else Delivery()


def store(connection: Connection, delivery: Delivery, source: str) -> None:
    """Replace it."""
    values = {field: getattr(delivery, field) for field in _FIELDS}
    connection.execute(upsert(standing, *_FIELDS), {"source": source} | values)


def every(connection: Connection) -> Mapping[str, Delivery]:
    """How it stands with each source that something was ever stored of."""
    rows = connection.execute(select(standing)).mappings()
    return {row["source"]: Delivery(**{field: row[field] for field in _FIELDS}) for row in rows}
