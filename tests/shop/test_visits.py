"""Visits as they are read: whose they are, what their pages showed, and which cart the visitor had by then."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from poller.ports import Snapshot
from poller.streams.clicks import CLICKS
from poller.streams.visits.derive import VISITS
from poller.streams.visits.facts import VisitFacts
from tests.shop.conftest import Scene
from tests.shop.rows import NOON

NOON_UTC = datetime(2024, 3, 4, 11, 0, tzinfo=UTC)


def visit(scene: Scene, guest: int, **values: object) -> int:
    whole: dict[str, object] = {"id_shop": 1, "id_guest": guest, "id_page": 1, "date_add": NOON}
    return scene.rows.add("connections", **(whole | values))


def view(scene: Scene, visit_id: int, kind: str, *, key: object = None, at: datetime = NOON) -> None:
    kind_id = scene.rows.add("page_type", name=kind)
    page = scene.rows.add("page", id_page_type=kind_id, id_object=key)
    scene.rows.run(
        "INSERT INTO PREFIX_connections_page (id_connections, id_page, time_start) VALUES (%s, %s, %s)",
        visit_id,
        page,
        at,
    )


def load(scene: Scene, key: int) -> VisitFacts:
    with scene.shop.snapshot() as snapshot:
        found: VisitFacts = snapshot.load("visit", [key])[key]
        return found


def test_pages_come_in_the_order_they_were_viewed_with_what_they_showed(scene: Scene) -> None:
    key = visit(scene, scene.rows.add("guest"), http_referer="https://www.example.org/")
    view(scene, key, "category", key=2, at=NOON + timedelta(minutes=2))
    view(scene, key, "product", key=1, at=NOON + timedelta(minutes=3))
    view(scene, key, "index", at=NOON)
    found = load(scene, key)
    assert [(page.kind, page.object_id, page.at, page.url) for page in found.pages] == [
        ("index", 0, NOON_UTC, "https://shop.example.com/"),
        (
            "category",
            2,
            NOON_UTC + timedelta(minutes=2),
            "https://shop.example.com/index.php?controller=category&id_category=2",
        ),
        ("product", 1, NOON_UTC + timedelta(minutes=3), found.pages[2].product.url if found.pages[2].product else ""),
    ]
    assert found.pages[2].product is not None
    assert found.pages[2].product.name == "Mug"
    assert found.pages[1].category == "Mugs"
    assert (found.referrer, found.began_at, found.customer) == ("https://www.example.org/", NOON_UTC, None)
    assert found.pages[0].stamp == "2024-03-04 12:00:00", "as the shop wrote it: two looks give one name"


def test_it_belongs_to_the_guest_s_customer(scene: Scene) -> None:
    customer = scene.rows.customer()
    found = load(scene, visit(scene, scene.rows.add("guest", id_customer=customer)))
    assert (found.customer_id, found.customer.customer_id if found.customer else 0) == (customer, customer)


def test_whose_guest_is_gone_is_nobody_s(scene: Scene) -> None:
    """PrestaShop deletes the guest's row at login, and writes it again."""
    found = load(scene, visit(scene, 4_000_000))
    assert (found.guest_id, found.customer_id) == (4_000_000, 0)


def test_the_cart_and_the_order_are_those_of_then(scene: Scene) -> None:
    rows = scene.rows
    guest, customer = rows.add("guest"), rows.customer()
    first = rows.cart(id_guest=guest, date_add=NOON + timedelta(minutes=1))
    order = rows.order(customer, id_cart=first, at=NOON + timedelta(minutes=5))
    second = rows.cart(id_guest=guest, date_add=NOON + timedelta(minutes=10))
    key = visit(scene, guest)
    for kind, minute in (("index", 0), ("cart", 2), ("order-confirmation", 6), ("cart", 11)):
        view(scene, key, kind, at=NOON + timedelta(minutes=minute))
    assert [(page.kind, page.cart_id, page.order_id) for page in load(scene, key).pages] == [
        ("index", 0, 0),
        ("cart", first, 0),
        ("orderconfirmation", first, order),
        ("cart", second, 0),
    ]


@pytest.mark.parametrize(("version", "has_page"), [("1.7.8.11", False), ("8.2.0", True), ("9.1.0", True)])
def test_registering_has_a_page_of_its_own_since_8(own_scene: Scene, version: str, *, has_page: bool) -> None:
    rows = own_scene.rows
    rows.add("configuration", name="PS_VERSION_DB", value=version, date_add=NOON, date_upd=NOON)
    assert load(own_scene.again(), visit(own_scene, rows.add("guest"))).has_registration_page is has_page


def test_page_views_are_logged_where_the_module_says_so(own_scene: Scene) -> None:
    key = visit(own_scene, own_scene.rows.add("guest"))
    assert not load(own_scene, key).is_logged
    own_scene.rows.add(
        "configuration", name="PS_STATSDATA_CUSTOMER_PAGESVIEWS", value="1", date_add=NOON, date_upd=NOON
    )
    assert load(own_scene.again(), key).is_logged


@pytest.mark.parametrize("table", ["connections", "connections_page", "guest"])
def test_without_one_of_the_tables_the_feed_rests(altered_scene: Scene, table: str) -> None:
    key = visit(altered_scene, altered_scene.rows.add("guest"))
    altered_scene.rows.run(f"DROP TABLE PREFIX_{table}")
    with altered_scene.again().shop.snapshot() as snapshot:
        rows = changed(snapshot)
        found = snapshot.load("visit", [key])
    assert rows == ([] if table == "connections" else [key])
    assert [facts.pages for facts in found.values()] == ([()] if table == "connections_page" else [])


def changed(snapshot: Snapshot) -> list[Any]:
    (feed,) = VISITS.feeds
    return [row.key_id for row in snapshot.changes(feed, after=0, until=2**62, limit=10)]


def test_a_click_is_read_with_its_campaign_and_whose_visit_it_was(scene: Scene) -> None:
    rows = scene.rows
    guest = rows.add("guest")
    cart = rows.cart(id_guest=guest, date_add=NOON - timedelta(minutes=1))
    came_to, plain = (
        rows.add(
            "connections_source",
            id_connections=visit(scene, guest),
            http_referer="https://mail.example.org/inbox?user=anna",
            request_uri=uri,
            date_add=NOON,
        )
        for uri in ("shop.example.com/mugs?utm_campaign=spring&email=a@example.com", "shop.example.com/mugs")
    )
    with scene.shop.snapshot() as snapshot:
        found = snapshot.load("click", [came_to])[came_to]
        (feed,) = CLICKS.feeds
        touched = [row.key_id for row in snapshot.changes(feed, after=came_to - 1, until=plain, limit=10)]
    assert touched == [came_to, 0], "without a campaign it is nobody's click"
    assert (found.campaign, found.link_url) == (
        {"name": "spring"},
        "https://shop.example.com/mugs?utm_campaign=spring",
    )
    assert (found.referrer, found.cart_id, found.at) == ("https://mail.example.org/inbox", cart, NOON_UTC)
    assert found.stamp == "2024-03-04 12:00:00"
