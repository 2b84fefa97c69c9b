"""Rows of custom events: clocks, people, values; and statements that do not keep their word."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from poller.core.feeds import Feed
from poller.errors import ShopStatementError
from poller.shop.custom_files import columns_of, read_custom
from poller.shop.database import ShopDatabase
from poller.shop.session import make_engine
from poller.streams.custom import CustomEvent, CustomFacts
from poller.streams.customers import CustomerFacts
from tests.shop.conftest import Scene
from tests.shop.rows import NOON

SQL = """-- A log.
-- reads      PREFIX_log
-- served by  PRIMARY
SELECT
    l.id_log AS mark_id,
    l.at AS stamp,
    l.id_customer AS customer_id,
    l.id_cart AS cart_id,
    l.id_guest AS guest_id,
    l.id_shop AS shop_id,
    l.a,
    l.b AS other
FROM PREFIX_log AS l
WHERE
    l.id_log > :after_id
    AND l.id_log <= :until_id
ORDER BY l.id_log
LIMIT :page_size
"""
FEED = Feed(name="custom/log", thing="log", kind="tail", is_emptied=True)


def make_log(scene: Scene, *, kind: str = "DATETIME", a: str = "TEXT") -> None:
    scene.rows.run("DROP TABLE IF EXISTS PREFIX_log")
    scene.rows.run(
        f"CREATE TABLE PREFIX_log (id_log INT AUTO_INCREMENT PRIMARY KEY, at {kind} NULL, id_customer INT, id_cart INT,"
        f" id_guest INT, id_shop INT, a {a}, b DECIMAL(20,6))"
    )


def log(scene: Scene, at: object = NOON, a: object = None, **columns: object) -> int:
    whole = {"at": at, "a": a, "id_customer": 0, "id_cart": 0, "id_guest": 0, "id_shop": 1, "b": None} | columns
    names = ", ".join(whole)
    marks = ", ".join(["%s"] * len(whole))
    return scene.rows.run(f"INSERT INTO PREFIX_log ({names}) VALUES ({marks})", *whole.values())


def opened(scene: Scene, tmp_path: Path, sql: str = SQL, **choices: object) -> ShopDatabase:
    file = tmp_path / "log.sql"
    file.write_text(sql)
    event = CustomEvent(name="log", event="Logged", group="page", **choices)  # type: ignore[arg-type]
    engine = make_engine(scene.shop._engine.url, statement_timeout=timedelta(seconds=10))
    return ShopDatabase(engine, prefix="ps_", events={"log": read_custom(event, file)})


def facts(shop: ShopDatabase, *keys: int) -> dict[int, CustomFacts]:
    with shop.snapshot() as snapshot:
        return dict(snapshot.load("log", keys))


def test_columns_are_read_off_the_text() -> None:
    assert columns_of("SELECT a.x, IF(a.y, 'b, FROM', 2) AS z, `q`.`order`\nFROM t AS a") == ("x", "z", "order")


def test_rows_are_found_by_id_however_far_apart(own_scene: Scene, tmp_path: Path) -> None:
    make_log(own_scene)
    for key in (1, 2, 3, 5_000, 5_001):
        log(own_scene, id_log=key)
    shop = opened(own_scene, tmp_path)
    assert sorted(facts(shop, 1, 3, 5_001, 7)) == [1, 3, 5_001]
    with shop.snapshot() as snapshot:
        assert snapshot.newest(FEED) == 5_001
        assert [change.mark_id for change in snapshot.changes(FEED, after=1, until=5_000, limit=2)] == [2, 3]


def test_php_dates_in_the_shops_zone_and_mysql_in_its_own(own_scene: Scene, tmp_path: Path) -> None:
    """What NOW() wrote is the moment it was written, in whatever zone the server is, summer and winter."""
    make_log(own_scene)
    by_php = log(own_scene, at=datetime(2024, 7, 1, 12))  # noqa: DTZ001 - as PHP writes it
    assert facts(opened(own_scene, tmp_path), by_php)[by_php].at == datetime(2024, 7, 1, 10, tzinfo=UTC)
    for epoch in (1_720_000_000, 1_705_000_000):
        key = own_scene.rows.run("INSERT INTO PREFIX_log (at) VALUES (FROM_UNIXTIME(%s))", epoch)
        shop = opened(own_scene, tmp_path, clock="database")
        assert facts(shop, key)[key].at == datetime.fromtimestamp(epoch, UTC)
        with shop.snapshot() as snapshot:
            (change,) = snapshot.changes(FEED, after=key - 1, until=key, limit=1)
            assert change.stamp == snapshot.local_text(datetime.fromtimestamp(epoch, UTC))


def test_zero_dates_are_none(own_scene: Scene, tmp_path: Path) -> None:
    make_log(own_scene)
    keys = log(own_scene, at="0000-00-00 00:00:00"), log(own_scene, at=None)
    found = facts(opened(own_scene, tmp_path), *keys)
    assert [found[key].at for key in keys] == [None, None]


def test_whom_a_row_is_about(own_scene: Scene, tmp_path: Path) -> None:
    make_log(own_scene)
    rows = own_scene.rows
    anna = rows.customer()
    mine = rows.cart(id_customer=anna, id_guest=5)
    rows.cart(id_customer=0, id_guest=6)
    newer = rows.cart(id_customer=0, id_guest=6)
    keys = [
        log(own_scene, id_customer=anna),
        log(own_scene, id_cart=mine),
        log(own_scene, id_guest=5),
        log(own_scene, id_guest=6),
        log(own_scene, id_guest=9),
        log(own_scene),
    ]
    found = facts(opened(own_scene, tmp_path), *keys)
    assert [(found[key].customer_id, found[key].cart_id, found[key].guest_id) for key in keys] == [
        (anna, 0, 0),
        (anna, mine, 0),
        (anna, mine, 5),
        (0, newer, 6),
        (0, 0, 9),
        (0, 0, 0),
    ]
    assert isinstance(found[keys[1]].customer, CustomerFacts)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("TEXT", "  text ", "text"),
        ("BLOB", b"plain", "plain"),
        ("BLOB", b"\xff\x00", "ff00"),
        ("TIME", "01:02:03", "1:02:03"),
        ("DATE", "2024-02-29", "2024-02-29"),
        ("DATE", "0000-00-00", None),
        ("DATETIME", "2024-07-01 12:00:00", "2024-07-01T10:00:00Z"),
        ("BIGINT", 2**53, 2**53),
        ("DOUBLE", 0.5, 0.5),
        ("DECIMAL(10,2)", "1.50", Decimal("1.50")),
        ("TEXT", None, None),
    ],
)
def test_values_become_what_json_knows(
    own_scene: Scene, tmp_path: Path, kind: str, value: object, expected: object
) -> None:
    make_log(own_scene, a=kind)
    key = log(own_scene, a=value)
    assert facts(opened(own_scene, tmp_path), key)[key].values == {"a": expected, "other": None}


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("l.id_log > :after_id", "l.id_log > :after_id - 5", "does not increase"),
        ("ORDER BY l.id_log", "ORDER BY l.id_log DESC", "does not increase"),
        ("FROM PREFIX_log AS l", "FROM PREFIX_log AS l JOIN PREFIX_log AS m", "does not increase"),
        ("l.id_log AS mark_id", "l.a AS mark_id", "not a whole number"),
        ("l.b AS other", "l.nothing AS other", "Unknown column"),
    ],
)
def test_a_statement_that_does_not_keep_its_word_is_not_believed(
    own_scene: Scene, tmp_path: Path, before: str, after: str, complaint: str
) -> None:
    make_log(own_scene)
    for _ in range(3):
        log(own_scene, a="secret")
    shop = opened(own_scene, tmp_path, SQL.replace(before, after))
    for _ in range(2):
        with shop.snapshot() as snapshot, pytest.raises(ShopStatementError) as caught:
            snapshot.changes(FEED, after=1, until=9, limit=5)
        assert complaint in caught.value.message
        assert "secret" not in str(caught.value)


def test_a_statement_that_failed_is_left_alone_for_a_minute(own_scene: Scene, tmp_path: Path) -> None:
    shop = opened(own_scene, tmp_path, SQL.replace("PREFIX_log", "PREFIX_later"))
    own_scene.rows.run("DROP TABLE IF EXISTS PREFIX_later")
    with shop.snapshot() as snapshot, pytest.raises(ShopStatementError):
        snapshot.changes(FEED, after=0, until=9, limit=5)
    make_log(own_scene)
    own_scene.rows.run("RENAME TABLE PREFIX_log TO PREFIX_later")
    with shop.snapshot() as snapshot, pytest.raises(ShopStatementError):
        snapshot.changes(FEED, after=0, until=9, limit=5)
    shop._failures.seen["custom/log"] = (
        shop._failures.seen["custom/log"][0].replace(year=2020),
        shop._failures.seen["custom/log"][1],
    )
    with shop.snapshot() as snapshot:
        assert snapshot.changes(FEED, after=0, until=9, limit=5) == []
    own_scene.rows.run("DROP TABLE PREFIX_later")


def test_without_a_table_it_needs_it_is_off(own_scene: Scene, tmp_path: Path) -> None:
    own_scene.rows.run("DROP TABLE IF EXISTS PREFIX_log")
    sql = SQL.replace("-- served by  PRIMARY", "-- served by  PRIMARY\n-- needs      PREFIX_log")
    shop = opened(own_scene, tmp_path, sql)
    with shop.snapshot() as snapshot:
        assert snapshot.changes(FEED, after=0, until=9, limit=5) == []
        assert snapshot.newest(FEED) == 0
