"""Custom events out of the shop's database: the operator's own SELECTs, read as feeds and as facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import CursorResult, Row

from poller.core.events import Json
from poller.core.feeds import Change
from poller.errors import ShopStatementError
from poller.shop.custom_files import SEE, CustomSource
from poller.shop.people import CustomField, load_customers
from poller.shop.reference import Reference
from poller.shop.session import Session
from poller.shop.values import as_int, as_text
from poller.streams.custom import FOLDER, MARK, META, STAMP, CustomEvent, CustomFacts

_TIMESTAMP: Final = 7
"""MySQL's number of the column type TIMESTAMP, which is read in the session's zone; DATETIME is what was written."""
_RUN_ROWS: Final = 2_000
_PAUSE: Final = timedelta(seconds=60)


@dataclass(slots=True)
class Failures:
    """Statements that failed lately: not run again for a minute, for what is slow would hold up the others."""

    seen: dict[str, tuple[datetime, ShopStatementError]] = field(default_factory=dict)

    def require_fresh(self, name: str, now: datetime) -> None:
        """Raise the failure again while it is young."""
        at, error = self.seen.get(name, (None, None))
        if at and error and timedelta(0) <= now - at < _PAUSE:
            raise error
        self.seen.pop(name, None)


@dataclass(frozen=True, slots=True)
class CustomRows:
    """What a custom event's statement answered; `timestamps` are its columns of that type."""

    rows: Sequence[Row[Any]]
    timestamps: frozenset[str]


def read_rows(
    session: Session, source: CustomSource, *, after: int, until: int, limit: int, now: datetime, failures: Failures
) -> CustomRows:
    """Run a custom event's statement; no rows where a table it needs is missing."""
    name = f"{FOLDER}{source.event.name}"
    if source.broken or source.statement is None:
        reason = source.broken.message if source.broken else f"{name} has no statement."
        raise ShopStatementError(reason, hint=source.broken.hint if source.broken else SEE)
    failures.require_fresh(name, now)
    try:
        result = session.run(source.statement, after_id=after, until_id=until, page_size=limit)
        return _honest(name, result, after=after, until=until) if result else CustomRows((), frozenset())
    except ShopStatementError as error:
        failures.seen[name] = now, error
        raise


def _honest(name: str, result: CursorResult[Any], *, after: int, until: int) -> CustomRows:
    """The rows, if they are what was asked for: a watermark that believed others would lose rows or never end."""
    missing = [column for column in (MARK, STAMP) if column not in result.keys()]  # noqa: SIM118 - not a mapping
    if missing:
        raise ShopStatementError(f"{name} has no column {missing[0]}.", hint=SEE)
    kinds = result.cursor.description if result.cursor else ()
    timestamps = frozenset(str(kind[0]) for kind in kinds if kind[1] == _TIMESTAMP)
    rows, before = result.all(), after
    for row in rows:
        if not isinstance(row.mark_id, int):
            raise ShopStatementError(f"{name}: mark_id is not a whole number.", hint=f"Select an integer key. {SEE}")
        if not before < row.mark_id <= until:
            raise ShopStatementError(
                f"{name}: mark_id does not increase, row by row, above :after_id and up to :until_id.",
                hint=f"Filter by both, ORDER BY mark_id, and join nothing that multiplies rows. {SEE}",
            )
        before = row.mark_id
    return CustomRows(rows, timestamps)


class DatabaseTime:
    """The database's own clock: its zone's offset, asked for once for each hour that a row is dated in."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._offsets: dict[datetime, tuple[timedelta, timedelta]] = {}

    def utc(self, value: object, *, is_timestamp: bool) -> datetime | None:
        """A DATETIME that NOW() filled, or a TIMESTAMP, as aware UTC."""
        if not isinstance(value, datetime):
            return None
        hour = value.replace(minute=0, second=0, microsecond=0)
        if hour not in self._offsets:
            row = self._session.one("session/zones", moment=hour.isoformat(sep=" "))
            self._offsets[hour] = timedelta(seconds=as_int(row.server)), timedelta(seconds=as_int(row.session))
        return (value - self._offsets[hour][is_timestamp]).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates of one statement's rows, by the clock that the settings name."""

    event: CustomEvent
    reference: Reference
    database: DatabaseTime
    now: datetime
    timestamps: frozenset[str]

    def utc(self, column: str, value: object) -> datetime | None:
        """A date as aware UTC; zero dates are none."""
        if self.event.clock == "database":
            return self.database.utc(value, is_timestamp=column in self.timestamps)
        return self.reference.time.utc(value, self.now)


def changes_of(rows: Sequence[Row[Any]], calendar: Calendar) -> list[Change]:
    """The rows as a feed sees them; stamps in the shop's local time, whatever clock dated them."""
    found = []
    for row in rows:
        at = calendar.utc("stamp", row.stamp)
        stamp = calendar.reference.time.local_text(at) if at else str(row.stamp)
        found.append(Change(row.mark_id, row.mark_id, stamp))
    return found


def load_custom(
    session: Session,
    source: CustomSource,
    keys: Sequence[int],
    *,
    reference: Reference,
    now: datetime,
    custom: CustomField | None,
    failures: Failures,
) -> dict[int, CustomFacts]:
    """The rows with those ids, by id, with whom they are about."""
    wanted = set(keys)
    rows: list[tuple[Row[Any], Calendar]] = []
    clock = DatabaseTime(session)
    for after, until in _runs(sorted(wanted)):
        found = read_rows(session, source, after=after, until=until, limit=until - after, now=now, failures=failures)
        calendar = Calendar(source.event, reference, clock, now, found.timestamps)
        rows += [(row, calendar) for row in found.rows if row.mark_id in wanted]
    people = _People.load(session, [row for row, _ in rows], reference=reference, now=now, custom=custom)
    return {row.mark_id: _facts(source.event, row, calendar, people) for row, calendar in rows}


def _runs(keys: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Stretches of ids that hold all keys, each short enough for one statement."""
    first = last = None
    for key in keys:
        if first is None or last is None:
            first = last = key
        elif key - first >= _RUN_ROWS:
            yield first - 1, last
            first = last = key
        else:
            last = key
    if first is not None and last is not None:
        yield first - 1, last


@dataclass(frozen=True, slots=True)
class _People:
    """Whose carts and guests the rows name, and who these customers are."""

    carts: Mapping[int, tuple[int, int]]
    guests: Mapping[int, int]
    customers: Mapping[int, Any]

    @classmethod
    def load(
        cls,
        session: Session,
        rows: Sequence[Row[Any]],
        *,
        reference: Reference,
        now: datetime,
        custom: CustomField | None,
    ) -> "_People":
        guest_ids = sorted({guest for row in rows if (guest := _number(row, "guest_id"))})
        guests = {row.id_guest: row.id_cart for row in session.rows_in("load/guest_carts", guest_ids)}
        cart_ids = sorted({cart for row in rows if (cart := _number(row, "cart_id"))} | set(guests.values()))
        carts = {
            row.id_cart: (as_int(row.id_customer), as_int(row.id_shop))
            for row in session.rows_in("load/carts", cart_ids)
        }
        named = {customer for row in rows if (customer := _number(row, "customer_id"))}
        everybody = sorted(named | {customer for customer, _ in carts.values() if customer})
        customers = load_customers(session, everybody, reference=reference, now=now, custom=custom)
        return cls(carts, guests, customers)


def _facts(event: CustomEvent, row: Row[Any], calendar: Calendar, people: _People) -> CustomFacts:
    reference, guest_id = calendar.reference, _number(row, "guest_id")
    cart_id = _number(row, "cart_id") or people.guests.get(guest_id, 0)
    of_cart, shop_of_cart = people.carts.get(cart_id, (0, 0))
    customer_id = _number(row, "customer_id") or of_cart
    customer = people.customers.get(customer_id)
    shop_id = _number(row, "shop_id") or shop_of_cart or (customer.shop_id if customer else 0)
    shop = reference.shop(shop_id)
    currency = shop.currency(_number(row, "currency_id")) or shop.default_currency
    values = {column: _json(column, value, calendar) for column, value in row._asdict().items() if column not in META}
    return CustomFacts(
        custom=event,
        row_id=row.mark_id,
        stamp=str(row.stamp),
        at=calendar.utc("stamp", row.stamp),
        shop_id=shop.shop_id,
        customer_id=customer_id,
        customer=customer,
        cart_id=cart_id,
        guest_id=guest_id,
        currency=currency,
        values=values,
    )


def _number(row: Row[Any], column: str) -> int:
    """An id, 0 where the row has none."""
    text = as_text(getattr(row, column, None))
    return int(text) if text.isdigit() else 0


def _json(column: str, value: object, calendar: Calendar) -> Json | None:
    """A value as JSON knows it: times in UTC, binary text as text, and as hexadecimal digits what is no text."""
    match value:
        case None | bool() | int() | float() | Decimal():
            return value
        case datetime():
            at = calendar.utc(column, value)
            return at.isoformat().replace("+00:00", "Z") if at else None
        case date():
            return value.isoformat()
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                return value.hex()
        case _:
            text = as_text(value)
            return None if text.startswith("0000-00-00") else text
