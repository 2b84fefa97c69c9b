"""Logbooks as they are read: whose clock dated them, whom they belong to, and what is never read."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from poller.core.feeds import Feed
from poller.shop.statements import statements
from tests.shop.conftest import Scene
from tests.shop.rows import NOON

NOON_IN_PARIS = datetime(2024, 3, 4, 11, 0, tzinfo=UTC)
NOON_IN_NEW_YORK = datetime(2024, 3, 4, 17, 0, tzinfo=UTC)


def load(scene: Scene, thing: str, key: int) -> Any:
    with scene.shop.snapshot() as snapshot:
        return snapshot.load(thing, [key])[key]


@pytest.fixture
def far_server(scene: Scene) -> Iterator[Scene]:
    """The database's clock is set to New York, the shop is in Paris, and the poller's session is in neither."""
    scene.rows.run("SET GLOBAL time_zone = '-05:00'")
    scene.rows.run("SET time_zone = '-05:00'")
    yield scene
    scene.rows.run("SET GLOBAL time_zone = 'SYSTEM'")
    scene.rows.run("SET time_zone = 'SYSTEM'")


class TestWhoseClock:
    """[4] Facts 2.1: PHP dates most rows, the database a few."""

    def test_sessions_and_messages_are_dated_by_the_shop(self, far_server: Scene) -> None:
        rows = far_server.rows
        session = rows.add("customer_session", id_customer=rows.customer(), token="", date_add=NOON, date_upd=NOON)
        message = rows.add("customer_message", id_customer_thread=900, message="", date_add=NOON, date_upd=NOON)
        assert load(far_server, "session", session).at == NOON_IN_PARIS
        assert load(far_server, "message", message).at == NOON_IN_PARIS

    def test_searches_and_visitors_subscriptions_are_dated_by_the_database(self, far_server: Scene) -> None:
        rows = far_server.rows
        search = rows.add("statssearch", keywords="mug", results=3, date_add=NOON)
        visitor = rows.add("emailsubscription", email="v@example.com", newsletter_date_add=NOON, active=1)
        assert load(far_server, "search", search).at == NOON_IN_NEW_YORK
        assert load(far_server, "subscriber", visitor).at == NOON_IN_NEW_YORK

    def test_an_e_mail_s_timestamp_holds_the_shop_s_time(self, far_server: Scene) -> None:
        """PHP writes its local text into a TIMESTAMP; read in another zone it looks different, and is not."""
        mail = far_server.rows.add("mail", recipient="", template="x", subject="", id_lang=1, date_add=NOON)
        assert load(far_server, "mail", mail).at == NOON_IN_PARIS

    def test_a_customer_s_newsletter_is_dated_by_whoever_switched_it(self, far_server: Scene) -> None:
        rows = far_server.rows
        registered = rows.customer(newsletter=1, newsletter_date_add=NOON)
        later = rows.customer(newsletter=1, newsletter_date_add=NOON + timedelta(hours=1))
        never = rows.customer(newsletter_date_add="0000-00-00 00:00:00")
        assert far_server.customer(registered).subscribed_at == NOON_IN_PARIS
        assert far_server.customer(later).subscribed_at == NOON_IN_NEW_YORK + timedelta(hours=1)
        assert far_server.customer(never).subscribed_at is None

    def test_from_9_2_on_the_database_dates_in_the_shop_s_zone(self, own_scene: Scene) -> None:
        rows = own_scene.rows
        rows.add("configuration", name="PS_VERSION_DB", value="9.2.0", date_add=NOON, date_upd=NOON)
        search = rows.add("statssearch", keywords="mug", results=3, date_add=NOON)
        rows.run("SET time_zone = '+01:00'")
        mail = rows.add("mail", recipient="", template="x", subject="", id_lang=1, date_add=NOON)
        rows.run("SET time_zone = 'SYSTEM'")
        fresh = own_scene.again()
        assert load(fresh, "search", search).at == NOON_IN_PARIS
        assert load(fresh, "mail", mail).at == NOON_IN_PARIS


class TestMails:
    def test_it_belongs_to_who_has_the_address(self, scene: Scene) -> None:
        """An account before a guest, the newer before the older, whoever was deleted last."""
        rows = scene.rows
        rows.customer(email="Twice@example.com", is_guest=1)
        account = rows.customer(email="twice@example.com")
        rows.customer(email="twice@example.com", is_guest=1)
        rows.customer(email="twice@example.com", deleted=1)
        mail = rows.add("mail", recipient="twice@EXAMPLE.com", template="order_conf", subject="Thanks", id_lang=1)
        found = load(scene, "mail", mail)
        assert found.customer.customer_id == account
        assert (found.template, found.subject) == ("order_conf", "Thanks")

    def test_an_address_nobody_has_belongs_to_nobody(self, scene: Scene) -> None:
        mail = scene.rows.add("mail", recipient="owner@example.org", template="new_order", subject="", id_lang=1)
        assert load(scene, "mail", mail).customer is None


class TestMessages:
    def test_the_first_of_a_thread_opened_it(self, scene: Scene) -> None:
        rows = scene.rows
        customer = rows.customer()
        thread = rows.add("customer_thread", id_shop=1, id_customer=customer, id_order=17, email="anna@example.com")
        first, answer, reply = (
            rows.add("customer_message", id_customer_thread=thread, id_employee=who, message="Hush", date_add=NOON)
            for who in (0, 1, 0)
        )
        seen = [load(scene, "message", key) for key in (first, answer, reply)]
        assert [(one.is_first, one.is_by_employee) for one in seen] == [(True, False), (False, True), (False, False)]
        assert (seen[2].thread_id, seen[2].order_id, seen[2].customer.customer_id) == (thread, 17, customer)

    def test_no_statement_reads_what_was_written(self) -> None:
        """[48]"""
        assert [s.name for s in statements().values() if "customer_message" in s.reads and ".message" in s.sql] == []


def test_the_end_of_a_table_that_not_every_shop_has_is_found(own_scene: Scene) -> None:
    rows = own_scene.rows
    feed = Feed(name="statssearch", thing="search", kind="tail", optional=True)
    with own_scene.shop.snapshot() as snapshot:
        assert snapshot.newest(feed) == 0
    last = max(rows.add("statssearch", keywords="mug", results=1, date_add=NOON) for _ in range(5))
    with own_scene.shop.snapshot() as snapshot:
        assert snapshot.newest(feed) == last
