"""When the shop's database does not give what it should: the right error, nothing committed, and on it goes later."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import make_url

from poller.demo.server import PrivateMariaDB
from poller.engine.poll import PollSettings
from poller.errors import ConfigurationError, ShopStatementError, ShopUnreachableError
from poller.ports import Remembered, Thing
from poller.shop.database import ShopDatabase
from poller.shop.session import make_engine
from poller.shop.statements import statements
from tests.shop.conftest import Scene, scene_on
from tests.shop.opening import open_shop
from tests.shop.polling import make_poll, told
from tests.shop.rows import Rows
from tests.support.fake_state import FakeState

BEGINNING = PollSettings(start_from="beginning")


def load(shop: ShopDatabase, order: int) -> None:
    with shop.snapshot() as snapshot:
        snapshot.load("order", [order])


@pytest.fixture(scope="module")
def doomed() -> Iterator[Scene]:
    """A server of its own, for tests that kill it; by TCP: of a refused socket PyMySQL leaves one open."""
    with PrivateMariaDB(port=0) as server, scene_on(server) as scene:
        server.create_account("reader", "PROCESS ON *.*", f"SELECT ON {scene.database}.*")
        yield replace(scene, shop=open_shop(server, scene.database, user="reader"))


# ---------------------------------------------------------------- what the operator must put right


def test_a_wrong_password(scene: Scene) -> None:
    scene.server.create_account("secured", f"SELECT ON {scene.database}.*", password="right")
    shop = open_shop(scene.server, scene.database, user="secured", password="canary")
    with pytest.raises(ConfigurationError, match="refuses the account") as raised, shop.snapshot():
        pass
    assert "grants.sql" in raised.value.hint
    assert "canary" not in str(raised.value)


def test_a_database_that_does_not_exist(scene: Scene) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"), open_shop(scene.server, "nowhere").snapshot():
        pass


def test_a_database_that_is_closed_to_the_account(scene: Scene) -> None:
    scene.server.create_account("stranger")
    shop = open_shop(scene.server, scene.database, user="stranger")
    with pytest.raises(ConfigurationError, match="refuses the account"), shop.snapshot():
        pass


def test_another_prefix(scene: Scene) -> None:
    shop = open_shop(scene.server, scene.database, prefix="shop_")
    with (
        pytest.raises(ConfigurationError, match="no readable PrestaShop table with the prefix 'shop_'"),
        shop.snapshot(),
    ):
        pass


def test_a_prefix_is_no_pattern(altered_scene: Scene) -> None:
    """`ps_` also fits psx: those tables are another application's."""
    altered_scene.rows.run("CREATE TABLE psxorders (id INT)")
    with altered_scene.shop.session() as (_, schema):
        assert not [table for table in schema.columns if table.startswith("psx")]


def test_a_driver_that_is_not_installed() -> None:
    with pytest.raises(ConfigurationError, match="no driver"):
        make_engine(make_url("mysql+nothing://poller@127.0.0.1/shop"), statement_timeout=timedelta(seconds=1))


def test_a_grant_that_is_missing_for_what_cannot_be_missed(scene: Scene) -> None:
    """Without it there is nothing to tell: the poller says so at its start, by the table's name."""
    tables = [table for table in _granted_tables() if table != "order_detail"]
    scene.server.create_account("lacking", *(f"SELECT ON {scene.database}.ps_{table}" for table in tables))
    shop = open_shop(scene.server, scene.database, user="lacking")
    with pytest.raises(ConfigurationError, match="lacks ps_order_detail") as raised, shop.snapshot():
        pass
    assert "grants.sql" in raised.value.hint


def _granted_tables() -> list[str]:
    read = {table for statement in statements().values() for table in statement.reads}
    return sorted(table for table in read if "." not in table and table != "nothing")


@contextmanager
def account_without(scene: Scene, name: str, table: str) -> Iterator[ShopDatabase]:
    """The edge of an account that may read all but that table; with the block it may read that too."""
    tables = [found for found in _granted_tables() if found != table]
    scene.server.create_account(name, "PROCESS ON *.*", *(f"SELECT ON {scene.database}.ps_{found}" for found in tables))
    yield open_shop(scene.server, scene.database, user=name)
    scene.rows.run(f"DROP USER {name}@'%'")


def test_a_missing_grant_stops_one_feed_and_no_other(own_scene: Scene) -> None:
    rows, state = own_scene.rows, FakeState()
    customer = rows.customer()
    first = rows.order(customer)
    make_poll(own_scene.shop, state, settings=BEGINNING).once()
    with account_without(own_scene, "nopayments", "order_payment") as shop:
        poll = make_poll(shop, state, settings=BEGINNING)
        second = rows.order(customer)
        payment = rows.payment(second)
        mark = state.marks("live")["order_payment"]
        report = poll.once()
        assert list(report.failed) == ["order_payment"]
        assert "ps_order_payment" in report.failed["order_payment"]
        assert "grants.sql" in report.failed["order_payment"]
        assert told(state) == [("Order Completed", first), ("Order Completed", second)]
        assert state.marks("live")["order_payment"] == mark, "it stands where it stood"
        rows.run(f"GRANT SELECT ON {own_scene.database}.ps_order_payment TO nopayments@'%%'")
        report = poll.once()
        assert (report.failed, report.rows["order_payment"]) == ({}, 1)
        assert f'"seen":{payment}' in state.marks("live")["order_payment"]


def test_a_grant_that_is_missing_from_the_start_stops_one_feed_and_no_other(own_scene: Scene) -> None:
    rows, state = own_scene.rows, FakeState()
    order = rows.order(rows.customer())
    with account_without(own_scene, "unpaid", "order_payment") as shop:
        report = make_poll(shop, state, settings=BEGINNING).once()
        assert list(report.failed) == ["order_payment"]
        assert told(state) == [("Order Completed", order)]


# ---------------------------------------------------------------- what passes by itself


def test_a_server_that_is_not_there(doomed: Scene) -> None:
    doomed.server.kill()
    try:
        with pytest.raises(ShopUnreachableError, match="cannot be reached") as raised, doomed.shop.snapshot():
            pass
        assert raised.value.exit_code == 75
    finally:
        doomed.server.start()


@dataclass(slots=True)
class Interrupted(FakeState):
    """A state that lets something happen in the middle of a poll: before its feeds are read, or between two loads."""

    interrupt: Callable[[], None] | None = None
    step: str = "due"
    seen: list[str] = field(default_factory=list)

    def due(self, now: datetime, limit: int) -> Sequence[Thing]:
        self._at("due")
        return FakeState.due(self, now, limit)

    def recall(self, things: Sequence[Thing]) -> Mapping[Thing, Remembered]:
        self._at("recall")
        return FakeState.recall(self, things)

    def _at(self, step: str) -> None:
        if step == self.step and self.interrupt:
            interrupt, self.interrupt = self.interrupt, None
            interrupt()
            self.seen.append(step)


@pytest.mark.parametrize("step", ["due", "recall"])
def test_a_server_killed_in_the_middle_of_a_poll_costs_nothing(doomed: Scene, step: str) -> None:
    """Before the feeds are read nothing is committed; between two loads no mark is: either way it is read again."""
    server = doomed.server
    with closing(Rows(server, doomed.database)) as rows:
        order = rows.order(rows.customer())
    state = Interrupted(interrupt=server.kill, step=step)
    poll = make_poll(doomed.shop, state, settings=BEGINNING)
    with pytest.raises(ShopUnreachableError):
        poll.once()
    assert state.seen == [step], "it was in the middle"
    assert (state.marks("live"), told(state)) == ({}, [])
    assert step == "recall" or state.memories == {}
    with pytest.raises(ShopUnreachableError):
        poll.once()
    server.start()
    report = poll.once()
    assert (report.failed, report.postponed) == ({}, {})
    assert ("Order Completed", order) in told(state)
    before = dict(state.outbox)
    poll.once()
    assert state.outbox == before, "and nothing twice"


def test_a_session_that_an_administrator_ends_is_begun_again(own_scene: Scene) -> None:
    scene = own_scene
    order = scene.rows.order(scene.rows.customer())
    others = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    with scene.shop.snapshot() as snapshot:
        for (connection,) in scene.rows.all(others):
            scene.rows.run(f"KILL {connection}")
        with pytest.raises(ShopUnreachableError):
            snapshot.load("order", [order])
    assert scene.order(order).order_id == order


def test_a_statement_that_takes_too_long_ends_and_is_named(own_scene: Scene) -> None:
    """A table that an ALTER or a backup has locked: the shop's customers wait too, the poller must not add to it."""
    scene = own_scene
    order = scene.rows.order(scene.rows.customer())
    shop = open_shop(scene.server, scene.database, statement_timeout=timedelta(milliseconds=200))
    load(shop, order)
    with scene.server.connect(scene.database) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLES ps_order_slip WRITE")
        with pytest.raises(ShopStatementError, match=r"load/order_slips took longer than shop\.statement_timeout"):
            load(shop, order)
    load(shop, order)


def test_one_feed_whose_table_is_locked_holds_up_no_other(own_scene: Scene) -> None:
    scene, state = own_scene, FakeState()
    rows = scene.rows
    shop = open_shop(scene.server, scene.database, statement_timeout=timedelta(milliseconds=200))
    poll = make_poll(shop, state, settings=BEGINNING)
    customer = rows.customer()
    poll.once()
    order = rows.order(customer)
    with scene.server.connect(scene.database) as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLES ps_order_payment WRITE")
        report = poll.once()
    assert list(report.failed) == ["order_payment"]
    assert told(state) == [("Order Completed", order)]
    assert poll.once().failed == {}
