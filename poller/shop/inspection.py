"""What can be wrong with the shop's database, and what was understood of it: the shop's part of `poller check`."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from poller.engine.findings import Finding
from poller.errors import PollerError, ShopStatementError
from poller.shop.custom_check import inspect_custom
from poller.shop.database import ShopDatabase
from poller.shop.discovery import written_by
from poller.shop.encryption import is_on_this_host
from poller.shop.failures import GRANTS
from poller.shop.horizon import read_clock
from poller.shop.modules import inspect_modules
from poller.shop.reference import Reference, read_reference
from poller.shop.schema import Schema
from poller.shop.session import Session
from poller.shop.statements import statements
from poller.streams.shops import ShopInfo

_SKEW = timedelta(seconds=5)
_AHEAD = timedelta(minutes=20)
"""So far may a date lie in the future: less than two neighbouring time zones, as a rule, are apart."""
_MANY_ROWS = 10_000
_LOOKED_AT = 200
_NOTHING: Mapping[str, object] = {
    "after_id": 0,
    "until_id": 0,
    "page_size": 1,
    "newest": 1,
    "shop_id": 0,
    "since": "1970-01-01",
    "lang_id": 1,
    "ids": [0],
    "names": ["PS_TIMEZONE"],
}
_EXPLAINED = {
    **_NOTHING,
    "until_id": 2**31,
    "page_size": 500,
    "newest": 500,
    "since": "2099-01-01",
    "shop_id": 1,
    "ids": [1, 2],
}
_TRANSACTIONAL = "InnoDB"


def inspect(shop: ShopDatabase, *, timezone: str, language: str = "auto") -> Iterator[Finding]:
    """Everything about the shop; the first problem that makes the rest impossible ends the list."""
    try:
        with shop.session() as (session, schema):
            yield Finding("ok", "connection", f"The shop's database answers: {schema.server_version}.")
            yield from _server(session, schema)
            yield from _encryption(shop, session)
            yield from _statements(session, schema)
            yield from _plans(session, schema)
            reference = read_reference(session, timezone, language, shop.languages)
            yield from _installation(reference, schema)
            yield from inspect_modules(session, schema, reference)
            yield from _clock(session, reference)
            yield from _dates(session, reference)
            yield from _engines(session, schema)
            yield from _grants(session)
            custom = tuple(shop.custom_events.values())
            yield from inspect_custom(session, schema, custom, now=read_clock(session))
    except PollerError as error:
        yield Finding("problem", "shop", error.message, error.hint)


def _encryption(shop: ShopDatabase, session: Session) -> Iterator[Finding]:
    cipher = session.cipher()
    if cipher:
        yield Finding("ok", "tls", f"The way to the database is encrypted: {cipher}.")
    elif is_on_this_host(shop.url):
        yield Finding("ok", "tls", "The way to the database does not leave this host.")
    else:
        yield Finding(
            "warning",
            "tls",
            f"Customers' data come from {shop.url.host} in the clear.",
            "Let the server offer TLS, and set shop.tls to auto.",
        )


def _server(session: Session, schema: Schema) -> Iterator[Finding]:
    server = session.one("session/server")
    if server.read_only:
        yield Finding("ok", "replica", "The database is a read-only replica: what it has not got yet is told later.")
    else:
        yield Finding("ok", "replica", "The database takes writes: it is the primary, or stands alone.")
    if server.auto_increment_increment > 1:
        text = f"Ids grow by {server.auto_increment_increment} (a cluster): the missing ones look like late commits."
        yield Finding("warning", "ids", text, "Nothing to do: each is looked for as long as gap_ttl says.")
    if schema.knows_horizon:
        yield Finding("ok", "transactions", "Running transactions are visible: missing ids are settled within seconds.")
    else:
        yield Finding(
            "warning",
            "transactions",
            f"Running transactions are not visible ({schema.horizon_obstacle}): missing ids are kept for gap_ttl.",
            "GRANT PROCESS ON *.* TO the poller's account, if it is not a replica or a cluster.",
        )


def _plans(session: Session, schema: Schema) -> Iterator[Finding]:
    """Each statement's index, on the tables of this shop; where a table is small the server rightly reads all of it."""
    scans = []
    for name, statement in statements().items():
        if statement.served_by in {"", "nothing"} or statement.served_by.startswith("full scan"):
            continue
        if not statement.is_available(schema.columns):
            continue
        with suppress(PollerError, SQLAlchemyError):
            wanted = {bind: value for bind, value in _EXPLAINED.items() if f":{bind}" in statement.sql}
            key, rows = session.plan(name, **wanted)
            if not key and rows > _MANY_ROWS:
                scans.append(f"{name} ({rows:,} rows, without {statement.served_by})")
    if scans:
        yield Finding(
            "warning",
            "plans",
            f"Read by scanning a whole table: {', '.join(scans)}.",
            "An index of PrestaShop's own is missing: compare with a fresh installation, and ANALYZE TABLE.",
        )
    else:
        yield Finding("ok", "plans", "Every statement finds its rows by an index, or its table is small.")


def _dates(session: Session, reference: Reference) -> Iterator[Finding]:
    """The newest orders' dates: whether they are dates, and none of a time that is still to come."""
    stamps = [row.date_add for row in session.rows("load/newest_order_dates", newest=_LOOKED_AT)]
    zero = sum(not isinstance(stamp, datetime) for stamp in stamps)
    if zero:
        yield Finding(
            "warning",
            "dates",
            f"{zero} of the newest {len(stamps)} orders have no date: they are told with the date of their history.",
            "Find what writes them: an import, or a module that bypasses PrestaShop.",
        )
    now = read_clock(session)
    ahead = max((moment - now for stamp in stamps if (moment := reference.time.utc(stamp, now))), default=timedelta(0))
    if ahead > _AHEAD:
        minutes = ahead.total_seconds() / 60
        text = (
            f"An order is dated {minutes:,.0f} minutes in the future: the shop does not write in {reference.time.zone}."
        )
        hint = "Set shop.timezone to the zone the web server's PHP writes in, or put its clock right."
        yield Finding("warning", "time zone", text, hint)


def _statements(session: Session, schema: Schema) -> Iterator[Finding]:
    """Every statement that will run, run once over nothing: a missing table, column or grant shows here."""
    binds = _NOTHING
    failed = False
    for name, statement in statements().items():
        if name.startswith("session/") or not statement.is_available(schema.columns):
            continue
        wanted = {bind: value for bind, value in binds.items() if f":{bind}" in statement.sql}
        try:
            session.rows(name, **wanted)
        except ShopStatementError as error:
            failed = True
            yield Finding("problem", "grants", error.message, error.hint)
    if not failed:
        yield Finding("ok", "grants", "Every table the poller reads can be read.")
    off = [name for name, statement in statements().items() if not statement.is_available(schema.columns)]
    if off:
        yield Finding("ok", "modules", f"Without a table in this shop, and therefore off: {', '.join(off)}.")


def _installation(reference: Reference, schema: Schema) -> Iterator[Finding]:
    yield Finding("ok", "version", f"PrestaShop {reference.version}, tables begin with {schema.prefix}.")
    for shop in reference.shops.values():
        yield Finding(
            "ok",
            "shop",
            f"Shop {shop.shop_id}: {shop.name}, {shop.default_currency.iso or 'no default currency'}, {shop.url}.",
        )
        yield from _states(shop)


def _states(shop: ShopInfo) -> Iterator[Finding]:
    """The order states as they will be read."""
    for role, ids, setting in (
        ("cancelled", shop.canceled, "PS_OS_CANCELED"),
        ("refunded", shop.refunded, "PS_OS_REFUND"),
        ("payment error", shop.error, "PS_OS_ERROR"),
    ):
        names = ", ".join(f"{key} ({shop.state_name(key) or 'deleted'})" for key in sorted(ids))
        if names:
            yield Finding("ok", "states", f"Shop {shop.shop_id}: {role} is state {names}.")
        else:
            yield Finding(
                "problem",
                "states",
                f"Shop {shop.shop_id} names no state for {role} ({setting}).",
                f"Set {setting} in the shop's configuration: those orders cannot be told otherwise.",
            )
    paid = sorted(key for key, state in shop.states.items() if state.is_paid or state.is_logable)
    named = ", ".join(f"{key} ({shop.state_name(key)})" for key in paid)
    yield Finding("ok", "states", f"Shop {shop.shop_id}: paid or valid are {named}.")


def _clock(session: Session, reference: Reference) -> Iterator[Finding]:
    now = read_clock(session)
    skew = now - datetime.now(UTC)
    zone = reference.time.zone.key
    yield Finding("ok", "time zone", f"PrestaShop writes dates in {zone}: now {reference.time.local_text(now)}.")
    if abs(skew) > _SKEW:
        yield Finding(
            "warning",
            "clock",
            f"The database's clock differs from this host's by {skew.total_seconds():+.1f} s.",
            "Let both hosts follow NTP: Segment shifts every event by this host's error.",
        )
    else:
        yield Finding("ok", "clock", f"The database's clock and this host's differ by {skew.total_seconds():+.1f} s.")


def _engines(session: Session, schema: Schema) -> Iterator[Finding]:
    like = schema.prefix.replace("_", "\\_") + "%"
    read = {table for statement in statements().values() for table in statement.reads}
    other = sorted(
        row.table_name
        for row in session.rows("session/engines", prefix=like)
        if row.engine != _TRANSACTIONAL and str(row.table_name).removeprefix(schema.prefix) in read
    )
    if other:
        yield Finding(
            "warning",
            "engine",
            f"Not InnoDB, so not part of a consistent snapshot: {', '.join(other)}.",
            "ALTER TABLE … ENGINE=InnoDB, when the shop can spare a moment.",
        )
    else:
        yield Finding("ok", "engine", "All tables are InnoDB: every look is one consistent snapshot.")


def _grants(session: Session) -> Iterator[Finding]:
    grants = [str(row[0]) for row in session.rows("session/grants")]
    writes = written_by(grants)
    if writes:
        yield Finding(
            "warning", "account", f"The account may do more than read ({', '.join(writes)}).", f"It needs not. {GRANTS}"
        )
    else:
        yield Finding("ok", "account", "The account may only read.")
