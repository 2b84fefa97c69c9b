"""The shop's database as the engine sees it: snapshots that say what was touched, and load it whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from time import monotonic
from types import MappingProxyType
from typing import Any

from sqlalchemy import URL, Connection, Engine

from poller.core.feeds import Change, Feed, Reading
from poller.core.seek import highest
from poller.engine.courtesy import Pressure
from poller.errors import BugError, ShopStatementError
from poller.shop.baskets import load_carts
from poller.shop.clicks import load_clicks
from poller.shop.custom import Calendar, DatabaseTime, Failures, changes_of, load_custom, read_rows
from poller.shop.custom_files import CustomSource
from poller.shop.horizon import Horizon, read_clock
from poller.shop.logbooks import load_mails, load_messages, load_searches, load_sessions, load_subscribers
from poller.shop.meter import Meter
from poller.shop.people import CustomField, load_customers, load_ledgers
from poller.shop.pressure import read_pressure
from poller.shop.purchases import load_orders
from poller.shop.reference import Reference, read_reference
from poller.shop.schema import Schema, examine
from poller.shop.session import Session, connect
from poller.shop.sweeping import SessionBlocks, digests
from poller.shop.values import as_int
from poller.shop.visits import load_visits
from poller.shop.wishes import LOADERS as WISHES
from poller.streams.orders.facts import Ledger

_SHOP_OF = MappingProxyType(
    {"order": "load/orders", "customer": "load/customers", "cart": "load/carts", "visit": "load/visits"}
)
"""The statements that say of which shop a thing is; their first column is its key."""
_FAR = 2**62
_LOADERS: Mapping[str, Callable[..., Mapping[int, Any]]] = MappingProxyType(
    {
        "order": load_orders,
        "customer": load_customers,
        "cart": load_carts,
        "session": load_sessions,
        "subscriber": load_subscribers,
        "mail": load_mails,
        "message": load_messages,
        "search": load_searches,
        "visit": load_visits,
        "click": load_clicks,
        **WISHES,
    }
)
_REFERENCE_AGE = timedelta(seconds=60)
_SCHEMA_AGE_SECONDS = 3_600.0


class ShopSnapshot:
    """One consistent view (ports.Snapshot)."""

    def __init__(
        self,
        session: Session,
        *,
        reading: Reading,
        reference: Reference,
        custom: CustomField | None,
        events: Mapping[str, CustomSource] = MappingProxyType({}),
        failures: Failures | None = None,
    ) -> None:
        self._session = session
        self._events = events
        self._failures = failures or Failures()
        self._reference = reference
        self._custom = custom
        self._newest: Mapping[str, int] | None = None
        self.reading = reading

    def clock(self) -> datetime:
        """The database's clock now."""
        return read_clock(self._session)

    def newest(self, feed: Feed) -> int:
        """The highest id of the feed's table, 0 where it is empty; of tables not every shop has, found by probing."""
        if self._newest is None:
            self._newest = self._read_newest()
        if feed.name in self._newest:
            return self._newest[feed.name]
        return highest(lambda after: bool(self.changes(feed, after=after, until=_FAR, limit=1)))

    def _read_newest(self) -> Mapping[str, int]:
        """Those of all tables in one statement; nothing where one of them cannot be read, so that each is probed."""
        try:
            row = self._session.one("feeds/newest")
        except ShopStatementError:
            return {}
        return {name: as_int(value) for name, value in row._asdict().items()}

    def changes(self, feed: Feed, *, after: int, until: int, limit: int) -> Sequence[Change]:
        """Rows with `after < id <= until`."""
        if feed.thing in self._events:
            return self._custom_changes(self._events[feed.thing], after=after, until=until, limit=limit)
        rows = self._session.rows(f"feeds/{feed.name}", after_id=after, until_id=until, page_size=limit)
        return [Change(row.mark_id, as_int(row.key_id), str(row.stamp)) for row in rows]

    def _custom_changes(self, source: CustomSource, *, after: int, until: int, limit: int) -> Sequence[Change]:
        now, session = self.reading.now, self._session
        found = read_rows(session, source, after=after, until=until, limit=limit, now=now, failures=self._failures)
        return changes_of(
            found.rows, Calendar(source.event, self._reference, DatabaseTime(session), now, found.timestamps)
        )

    def shop_ids(self) -> Sequence[int]:
        """The installation's shops."""
        return tuple(self._reference.shops)

    def touched_since(
        self, feed: Feed, *, shop_id: int, since: str, after: int, limit: int
    ) -> Sequence[tuple[str, int]]:
        """Stamps and keys from the mark on."""
        rows = self._session.rows(f"feeds/{feed.name}", shop_id=shop_id, since=since, after_id=after, page_size=limit)
        return [(str(row.stamp), row.key_id) for row in rows]

    def local_text(self, moment: datetime) -> str:
        """A moment in the shop's local time."""
        return self._reference.time.local_text(moment)

    def spent_seconds(self) -> float:
        """What this view's statements took the database."""
        return self._session.spent_seconds

    @property
    def blocks(self) -> SessionBlocks:
        """What the sweep compares."""
        return SessionBlocks(self._session)

    def digests(self, thing: str, keys: Sequence[int]) -> Mapping[int, bytes]:
        """Digests for the sweep."""
        return digests(self._session, thing, keys)

    def load(self, thing: str, keys: Sequence[int]) -> Mapping[int, Any]:
        """Facts by key, each in its shop's language; a key that is missing from the answer is gone from the shop."""
        found: dict[int, Any] = {}
        for reference, some in self._by_language(thing, keys):
            found.update(self._load(thing, some, reference))
        return found

    def _by_language(self, thing: str, keys: Sequence[int]) -> Iterator[tuple[Reference, Sequence[int]]]:
        """The keys by the languages of their shops; all together where no shop has one of its own."""
        table = _SHOP_OF.get(thing)
        if not self._reference.languages or table is None:
            yield self._reference, keys
            return
        groups: dict[int, list[int]] = {}
        references: dict[int, Reference] = {}
        for row in self._session.rows_in(table, keys):
            reference = self._reference.in_language_of(as_int(row.id_shop))
            references[reference.lang_id] = reference
            groups.setdefault(reference.lang_id, []).append(row[0])
        for lang_id, some in groups.items():
            yield references[lang_id], some

    def _load(self, thing: str, keys: Sequence[int], reference: Reference) -> Mapping[int, Any]:
        now = self.reading.now
        if thing in self._events:
            return load_custom(
                self._session,
                self._events[thing],
                keys,
                reference=reference,
                now=now,
                custom=self._custom,
                failures=self._failures,
            )
        if thing == "ledger":
            ledgers = load_ledgers(self._session, keys, reference=reference, now=now)
            return {key: Ledger(ledgers.get(key, ()), reference.shops) for key in keys}
        if thing in _LOADERS:
            return _LOADERS[thing](self._session, keys, reference=reference, now=now, custom=self._custom)
        raise BugError(f"there is nothing to load for {thing}")


class ShopDatabase:
    """The shop's database (ports.Shop). Not shared between threads."""

    def __init__(
        self,
        engine: Engine,
        *,
        prefix: str,
        timezone: str = "auto",
        language: str = "auto",
        languages: Mapping[int, str] = MappingProxyType({}),
        custom: CustomField | None = None,
        events: Mapping[str, CustomSource] = MappingProxyType({}),
        consent: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._consent = consent
        self.custom_events = events
        self._failures = Failures()
        self._horizon = Horizon()
        self._engine = engine
        self._meter = Meter()
        self._meter.attach(engine)
        self._prefix = prefix
        self._timezone = timezone
        self._language = language
        self.languages = languages
        self._custom = custom
        self._schema: Schema | None = None
        self._examined_at: float | None = None
        self._reference: Reference | None = None
        self._reference_at: datetime | None = None

    @property
    def url(self) -> URL:
        """Where it is; without the password, when shown."""
        return self._engine.url

    @property
    def seconds(self) -> float:
        """How long the database has worked for this process."""
        return self._meter.seconds

    @contextmanager
    def session(self) -> Iterator[tuple[Session, Schema]]:
        """A session on the schema as it is; it is examined anew after a failed statement, and from time to time."""
        with connect(self._engine) as connection:
            schema = self._fresh_schema(connection)
            session = Session(connection, schema)
            try:
                yield session, schema
            finally:
                if session.has_failed:
                    self._examined_at = None

    def _fresh_schema(self, connection: Connection) -> Schema:
        """Modules come and go, grants too: what is known of the schema is never older than an hour."""
        now = monotonic()
        if self._schema is None or self._examined_at is None or now - self._examined_at > _SCHEMA_AGE_SECONDS:
            found = examine(connection, self._prefix)
            if found != self._schema:
                self._schema, self._reference = found, None
            self._examined_at = now
        return self._schema

    @contextmanager
    def snapshot(self) -> Iterator[ShopSnapshot]:
        """One view; the clock and the horizon are read before it is opened."""
        with self.session() as (session, schema):
            reading = self._horizon.read(session, schema)
            with session.snapshot():
                reference = self._fresh_reference(session, reading.now)
                yield ShopSnapshot(
                    session,
                    reading=reading,
                    reference=reference,
                    custom=self._custom,
                    events=self.custom_events,
                    failures=self._failures,
                )

    def identity(self) -> str:
        """What names this installation on any host: its oldest settings and its addresses."""
        with self.session() as (session, _):
            rows = [tuple(row) for row in session.rows("session/identity")]
            rows += [(row.id_shop, row.domain, row.physical_uri) for row in session.rows("load/shops")]
        return sha256(repr(rows).encode()).hexdigest()

    def reference(self) -> Reference:
        """The installation's shops, states and currencies."""
        with self.session() as (session, _):
            return read_reference(session, self._timezone, self._language, self.languages)

    def pressure(self) -> Pressure:
        """How busy it is."""
        with self.session() as (session, _):
            return read_pressure(session)

    def newest_orders(self, count: int) -> Sequence[datetime]:
        """When the newest orders were placed, the latest first; zero dates are left out."""
        with self.session() as (session, _):
            now = read_clock(session)
            time = read_reference(session, self._timezone).time
            stamps = (time.utc(row.date_add, now) for row in session.rows("load/newest_order_dates", newest=count))
            return sorted((stamp for stamp in stamps if stamp is not None), reverse=True)

    def _fresh_reference(self, session: Session, now: datetime) -> Reference:
        """States are edited by merchants and modules: never older than a minute."""
        old = self._reference_at is None or now - self._reference_at > _REFERENCE_AGE or now < self._reference_at
        if self._reference is None or old:
            fresh = read_reference(session, self._timezone, self._language, self.languages)
            self._reference = replace(fresh, consent=self._consent)
            self._reference_at = now
        return self._reference
