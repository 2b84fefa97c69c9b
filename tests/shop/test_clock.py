"""The clock and the horizon: when gaps may be given up. Traps: [9] late commits, [41] snapshots, [42] replicas."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from poller.core.feeds import Reading
from poller.core.marks import load_tail
from poller.demo.server import Connection, PrivateMariaDB
from poller.engine.poll import PollSettings
from poller.shop.database import ShopDatabase
from poller.shop.horizon import Horizon
from poller.shop.schema import Schema
from tests.shop.conftest import Scene, scene_on
from tests.shop.opening import open_shop
from tests.shop.polling import make_poll, told, wait_until
from tests.shop.rows import Rows
from tests.support.fake_state import FakeState

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
UNREAD = 0.25
TOKYO = "JST-9"
MOSCOW = "--default-time-zone=+03:00"


@contextmanager
def scene_in_zone(zone: str, *options: str) -> Iterator[Scene]:
    """A shop on a server whose host lives in that zone; a POSIX rule, which needs no zone files."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TZ", zone)
            server = stack.enter_context(PrivateMariaDB(*options))
        yield stack.enter_context(scene_on(server))


@pytest.fixture(scope="module")
def abroad() -> Iterator[Scene]:
    """A server in Tokyo that tells its clients Moscow's time, as a DBA may have set it; the shop is in Paris."""
    with scene_in_zone(TOKYO, MOSCOW) as scene:
        yield scene


def changed_lately() -> str:
    """A zone whose clocks went back by an hour half an hour ago: the hour before comes twice just now."""
    changed = datetime.now(UTC) - timedelta(minutes=30) + HOUR
    day = min(changed.timetuple().tm_yday, 365)
    begin = (day - 180) % 365 + 1
    return f"AAA0BBB-1,J{begin}/0,J{day}/{changed:%H:%M:%S}"


def read(shop: ShopDatabase) -> tuple[Reading, Schema]:
    """A first reading, of a list that nobody has read for as long as the server needs to make a new one."""
    time.sleep(UNREAD)
    with shop.session() as (session, schema):
        return Horizon().read(session, schema), schema


def now_of(connection: Connection) -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT UTC_TIMESTAMP(6)")
        found: datetime = cursor.fetchone()[0]
        return found.replace(tzinfo=UTC)


@contextmanager
def transaction(scene: Scene) -> Iterator[Connection]:
    """A transaction of somebody else that has written, and is not done."""
    with scene.server.connect(scene.database) as connection, connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO ps_tag (id_lang, name) VALUES (1, 'open')")
        yield connection
        connection.rollback()


def test_the_clock_is_utc_wherever_the_server_is(scene: Scene, abroad: Scene) -> None:
    for place in (scene, abroad):
        reading, _ = read(place.shop)
        assert abs(reading.now - now_of(place.rows.connection)) < SECOND


def test_nothing_running_is_the_present(scene: Scene, abroad: Scene) -> None:
    for place in (scene, abroad):
        reading, schema = read(place.shop)
        assert schema.knows_horizon
        assert reading.horizon == reading.now


def test_the_horizon_is_the_start_of_the_oldest_transaction(scene: Scene, abroad: Scene) -> None:
    """[9] Also where the host, the server's default and the shop have three time zones."""
    for place in (scene, abroad):
        before = now_of(place.rows.connection)
        with transaction(place) as oldest, transaction(place):
            reading, _ = read(place.shop)
            assert reading.horizon
            assert before.replace(microsecond=0) <= reading.horizon <= now_of(oldest)


def test_our_own_transaction_does_not_count(scene: Scene) -> None:
    """Or no gap would ever be closed."""
    with scene.shop.session() as (session, schema):
        time.sleep(UNREAD)
        with session.snapshot():
            session.rows("feeds/orders", after_id=0, until_id=9, page_size=9)
            reading = Horizon().read(session, schema)
    assert reading.horizon == reading.now


@contextmanager
def watched(scene: Scene) -> Iterator[None]:
    """Another program that reads the list of transactions so often that the server never makes it anew."""
    done = Event()

    def look() -> None:
        with scene.server.connect(scene.database) as connection, connection.cursor() as cursor:
            while not done.wait(0.01):
                cursor.execute("SELECT COUNT(*) FROM information_schema.innodb_trx")

    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(look)
        try:
            time.sleep(UNREAD)
            yield
        finally:
            done.set()
            watching.result()


def test_a_list_of_transactions_that_is_an_old_copy_is_not_believed(scene: Scene) -> None:
    """[9] The server's list is made anew only when nobody has read it for 0.1 s."""
    with watched(scene), transaction(scene) as other:
        started = now_of(other)
        time.sleep(3)
        shown = scene.rows.all("SELECT trx_id FROM information_schema.innodb_trx WHERE trx_rows_modified > 0")
        reading, schema = read(scene.shop)
    assert not shown, "the open transaction is in the list after all"
    assert schema.knows_horizon
    assert reading.horizon is None or reading.horizon <= started


def test_polls_in_quick_succession_do_not_spoil_the_list_for_each_other(own_scene: Scene) -> None:
    """[9] Each reads the clock, and the list only as often as it can be new."""
    horizon = Horizon()
    seen = []
    with transaction(own_scene) as other:
        started = now_of(other)
        with own_scene.shop.session() as (session, schema):
            assert own_scene.rows.all("SELECT COUNT(*) FROM information_schema.innodb_trx"), "just read, by another"
            for _ in range(60):
                reading = horizon.read(session, schema)
                seen.append(reading.horizon)
                time.sleep(0.02)
        assert all(moment <= started for moment in seen if moment)
        assert seen[-1] is not None
    with own_scene.shop.session() as (session, schema):
        wait_until(lambda: (horizon.read(session, schema).horizon or started) > started)


def test_in_the_hour_that_comes_twice_the_horizon_stays_an_hour_behind() -> None:
    """[5] `innodb_trx` prints local time, so that which of the two hours it means cannot be known: none is closed."""
    with scene_in_zone(changed_lately()) as scene, transaction(scene):
        with scene.server.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT TIMESTAMPDIFF(SECOND, FROM_UNIXTIME(UNIX_TIMESTAMP() - 93600), NOW())")
            assert cursor.fetchone() == (90_000,), "the zone's clocks went back"
        reading, _ = read(scene.shop)
        assert reading.horizon
        assert reading.now - reading.horizon > HOUR - SECOND
        assert reading.now - reading.horizon < HOUR + timedelta(minutes=1)


def test_without_the_privilege_the_horizon_is_unknown(scene: Scene) -> None:
    scene.server.create_account("blind", f"SELECT ON {scene.database}.*", password="p")
    reading, schema = read(open_shop(scene.server, scene.database, user="blind", password="p"))
    assert reading.horizon is None
    assert schema.horizon_obstacle == "the account lacks the PROCESS privilege"


@pytest.mark.parametrize(
    ("setting", "value", "obstacle"),
    [
        ("read_only", 1, "the server is a read-only replica"),
        ("auto_increment_increment", 3, "auto_increment_increment is above 1 (a cluster)"),
    ],
)
def test_where_others_write_the_horizon_is_unknown(abroad: Scene, setting: str, value: int, obstacle: str) -> None:
    """[42] Transactions on the primary, or on another node, are not in this server's list."""
    rows = abroad.rows
    before = rows.all(f"SELECT @@GLOBAL.{setting}")[0][0]
    rows.run(f"SET GLOBAL {setting} = {value}")
    try:
        reading, schema = read(abroad.again().shop)
    finally:
        rows.run(f"SET GLOBAL {setting} = {before}")
    assert (reading.horizon, schema.horizon_obstacle) == (None, obstacle)
    assert read(abroad.again().shop)[0].horizon is not None


def test_a_snapshot_is_one_moment_and_the_next_one_is_later(own_scene: Scene) -> None:
    """[41] What is written meanwhile is seen by the next poll, whole, and not by halves in this one."""
    rows = own_scene.rows
    order = rows.order(rows.customer())
    with own_scene.shop.snapshot() as snapshot:
        rows.state(order, 2)
        rows.line(order)
        facts = snapshot.load("order", [order])[order]
        assert (len(facts.history), len(facts.lines)) == (1, 1)
    facts = own_scene.order(order)
    assert (len(facts.history), len(facts.lines)) == (2, 2)


def test_no_session_stays_open_between_polls(own_scene: Scene) -> None:
    """[41] And none keeps a transaction open."""
    scene = own_scene
    scene.server.create_account("counted", "PROCESS ON *.*", f"SELECT ON {scene.database}.*", password="p")
    shop = open_shop(scene.server, scene.database, user="counted", password="p")
    counted = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'counted'"
    with shop.snapshot():
        assert scene.rows.all(counted) == [(1,)]
    time.sleep(UNREAD)
    assert scene.rows.all("SELECT COUNT(*) FROM information_schema.innodb_trx") == [(0,)]
    wait_until(lambda: scene.rows.all(counted) == [(0,)])


def test_an_order_committed_late_is_not_passed_over(own_scene: Scene) -> None:
    """[9] Its ids were handed out before those of an order that was committed first."""
    rows = own_scene.rows
    rows.run("SET SESSION auto_increment_increment = 1")
    state = FakeState()
    poll = make_poll(own_scene.shop, state, settings=PollSettings(start_from="beginning"))
    customer = rows.customer()
    first = rows.order(customer)
    poll.once()
    before = gaps(state, "order_history")
    with closing(Rows(own_scene.server, own_scene.database)) as slow:
        slow.run("SET SESSION auto_increment_increment = 1")
        slow.run("BEGIN")
        late = slow.order(customer)
        early = rows.order(customer)
        poll.once()
        assert late < early
        assert told(state) == [("Order Completed", first), ("Order Completed", early)]
        assert gaps(state, "order_history") == before + 1
        slow.run("COMMIT")
    poll.once()
    assert told(state) == [("Order Completed", key) for key in (first, late, early)]
    assert gaps(state, "order_history") == before


def gaps(state: FakeState, feed: str) -> int:
    return len(load_tail(state.marks("live")[feed]).gaps)
