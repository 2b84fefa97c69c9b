"""Values as shops really hold them. Traps: [4] and [5] local time, [26] wide texts, [36] zero dates."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poller.shop.values import LocalTime, as_date, as_money, as_text
from tests.shop.conftest import Scene
from tests.shop.rows import NO_TIME

PARIS = LocalTime(ZoneInfo("Europe/Paris"))
ZONES = ("Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo", "America/Sao_Paulo", "UTC")
LONG_AFTER = datetime(2030, 1, 1, tzinfo=UTC)


def local(text: str) -> datetime:
    """A stamp as the driver hands it over."""
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("stamp", "now", "expected"),
    [
        pytest.param("2026-07-01 12:00:00", "2026-07-01 10:00:01", "2026-07-01 10:00:00", id="summer"),
        pytest.param("2026-12-01 12:00:00", "2026-12-01 11:00:01", "2026-12-01 11:00:00", id="winter"),
        pytest.param("2026-03-29 01:59:59", "2026-03-29 01:00:00", "2026-03-29 00:59:59", id="before spring forward"),
        pytest.param("2026-03-29 03:00:00", "2026-03-29 01:00:01", "2026-03-29 01:00:00", id="after spring forward"),
        pytest.param("2026-03-29 02:30:00", "2026-03-29 02:00:00", "2026-03-29 01:30:00", id="an hour that never was"),
        pytest.param("2026-10-25 02:30:00", "2026-10-25 00:30:01", "2026-10-25 00:30:00", id="the hour's first time"),
        pytest.param("2026-10-25 02:30:00", "2026-10-25 01:30:01", "2026-10-25 01:30:00", id="the hour's second time"),
        pytest.param("2026-10-25 02:59:59", "2026-10-25 01:00:00", "2026-10-25 00:59:59", id="as the hour ends once"),
        pytest.param("2026-10-25 03:00:00", "2026-10-25 02:00:00", "2026-10-25 02:00:00", id="after falling back"),
        pytest.param("2026-07-01 12:00:05", "2026-07-01 10:00:01", "2026-07-01 10:00:05", id="a web server ahead"),
    ],
)
def test_local_time_becomes_utc(stamp: str, now: str, expected: str) -> None:
    """[5] In autumn an hour comes twice: rows are read soon after they are written, so the clock tells which it is."""
    assert PARIS.utc(local(stamp), utc(now)) == utc(expected)


@given(
    zone=st.sampled_from(ZONES),
    moment=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2037, 12, 31)),  # noqa: DTZ001 (hypothesis wants them naive)
)
def test_what_is_read_as_it_is_written_keeps_its_time(zone: str, moment: datetime) -> None:
    """[4], [5] In every zone and in every hour, the repeated one too."""
    time = LocalTime(ZoneInfo(zone))
    written = moment.replace(tzinfo=UTC, microsecond=0)
    assert time.utc(local(time.local_text(written)), written) == written


@given(zone=st.sampled_from(ZONES), first=st.integers(0, 10**9), more=st.integers(0, 10**9))
def test_later_readings_never_move_a_stamp_by_more_than_the_repeated_hour(zone: str, first: int, more: int) -> None:
    """[5] A row of the hour's first time that is read again later is dated an hour later, at most."""
    time = LocalTime(ZoneInfo(zone))
    written = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=first)
    found = time.utc(local(time.local_text(written)), written + timedelta(seconds=more))
    assert found is not None
    assert timedelta(0) <= found - written <= timedelta(hours=1)


@pytest.mark.parametrize("value", [None, "0000-00-00 00:00:00", "0000-00-00", ""])
def test_no_date_is_no_time(value: object) -> None:
    """[36] The driver hands zero dates over as text."""
    assert PARIS.utc(value, LONG_AFTER) is None
    assert as_date(value) is None


def test_money_is_exact_and_null_is_nothing() -> None:
    assert as_money(None) == Decimal(0)
    assert as_money(Decimal("0.100000")) == Decimal("0.1")
    assert as_money(0.1) == Decimal("0.1")
    assert as_text(None) == ""


def test_zero_dates_in_the_database_are_none(scene: Scene) -> None:
    """[36]"""
    customer = scene.rows.customer(birthday="0000-00-00", date_add=NO_TIME, date_upd=NO_TIME)
    order = scene.rows.order(customer, at=NO_TIME)
    facts = scene.order(order)
    assert (facts.added_at, facts.updated_at, [row.at for row in facts.history]) == (None, None, [None])
    assert facts.customer
    assert (facts.customer.birthday, facts.customer.added_at, facts.customer.updated_at) == (None, None, None)


def test_a_customer_without_birthday_has_none(scene: Scene) -> None:
    assert scene.customer(scene.rows.customer(birthday=None)).birthday is None


def test_dates_are_read_in_the_shops_own_zone(scene: Scene) -> None:
    """[4] PHP writes them in PS_TIMEZONE, whatever zone the database lives in."""
    order = scene.order(scene.rows.order(scene.rows.customer(), at="2024-07-04 12:00:00"))
    assert order.added_at == datetime(2024, 7, 4, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["Ünï Côdé", "宮崎 あおい", "Zoë 🛒👩‍👩‍👧", "שלום עולם", "مرحبا\u200fبالعالم", 'O\'Brien \\ "%s" :ids', "é" * 100],
    ids=["accents", "japanese", "emoji", "hebrew", "arabic with a mark", "quotes and binds", "long"],
)
def test_texts_arrive_as_they_are(scene: Scene, text: str) -> None:
    """[26] Whatever its script, width or punctuation."""
    customer = scene.customer(scene.rows.customer(firstname=text, company=text))
    assert (customer.first_name, customer.company) == (text, text)


def test_texts_are_trimmed(scene: Scene) -> None:
    assert scene.customer(scene.rows.customer(firstname="  Anna\n")).first_name == "Anna"


def test_text_that_is_no_utf8_keeps_what_can_be_read(scene: Scene) -> None:
    """Half an emoji, as scripts that cut texts leave it: the server keeps it, and a strict reader would stop there."""
    customer = scene.rows.customer()
    scene.rows.run("UPDATE PREFIX_customer SET firstname = _utf8mb4 x'416EEDA0BD6E61' WHERE id_customer = %s", customer)
    assert scene.customer(customer).first_name == "An\ufffd\ufffd\ufffdna"


def test_bytes_in_a_column_without_character_set_are_read_as_text(altered_scene: Scene) -> None:
    rows = altered_scene.rows
    rows.run("ALTER TABLE PREFIX_customer MODIFY firstname VARBINARY(255), MODIFY company BLOB")
    customer = rows.customer(firstname="Zoë".encode(), company=b"An\xffna")
    facts = altered_scene.customer(customer)
    assert (facts.first_name, facts.company) == ("Zoë", "An\ufffdna")


def test_null_amounts_are_nothing(altered_scene: Scene) -> None:
    """An ERP may write NULL where the shop's own tables do not even allow it."""
    rows = altered_scene.rows
    rows.run("ALTER TABLE PREFIX_orders MODIFY total_wrapping_tax_incl DECIMAL(20, 6) NULL, MODIFY id_cart INT NULL")
    rows.run("ALTER TABLE PREFIX_order_detail MODIFY total_refunded_tax_incl DECIMAL(20, 6) NULL")
    order = rows.order(rows.customer(), total_wrapping_tax_incl=None, id_cart=None)
    rows.change("order_detail", {"id_order": order}, total_refunded_tax_incl=None, original_product_price=0)
    facts = altered_scene.order(order)
    assert (facts.wrapping_tax_incl, facts.cart_id, facts.lines[0].refunded_tax_incl) == (0, 0, 0)
