"""Visits: each page is told once, of whom it was viewed by, for as long as a visit may go on."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from poller.core.events import Event
from poller.core.identity import anonymous_id
from poller.core.policy import Policy
from poller.streams.carts.facts import Product
from poller.streams.outcome import Outcome
from poller.streams.visits.derive import GOES_ON, LONGEST_PAUSE, SHORTEST_PAUSE, VISITS, derive, gone
from poller.streams.visits.described import PAGE_VIEWS
from poller.streams.visits.facts import PageView, VisitFacts
from tests.streams.builders import ANNA, NOON, POLICY, SHOP, minutes

CUP = Product(
    product_id=11, name="Cup", sku="C-11", price=Decimal("8.30"), url="https://shop.example.com/index.php?id_product=11"
)

SOON = minutes(2)


def page(kind: str, minute: float = 1, **changes: Any) -> PageView:
    at = minutes(minute)
    whole: dict[str, Any] = {"page_id": 3, "stamp": at.replace(tzinfo=None).isoformat(sep=" "), "kind": kind, "at": at}
    return PageView(**(whole | changes))


def visit(*pages: PageView, **changes: Any) -> VisitFacts:
    whole: dict[str, Any] = {"visit_id": 7, "shop": SHOP, "guest_id": 9, "began_at": NOON, "pages": pages}
    return VisitFacts(**(whole | changes))


def look(facts: VisitFacts, *, now: datetime = SOON, policy: Policy = POLICY) -> Outcome:
    return derive(now, facts, None, policy=policy)


def named(facts: VisitFacts) -> Event:
    """The event of the specification beside the page call."""
    first, second = look(facts).events
    assert first.call == "page"
    return second


def test_every_page_is_a_page_call_and_the_first_says_where_from() -> None:
    first = page("index", url="https://shop.example.com/")
    told = look(visit(first, page("cms", 1.5, page_id=4), referrer="https://www.example.org/")).events
    assert [(event.call, event.name, event.fact, event.occurred_at) for event in told] == [
        ("page", "page", "visit/7/page/3/2026-03-02 12:01:00", minutes(1)),
        ("page", "page", "visit/7/page/4/2026-03-02 12:01:30", minutes(1.5)),
    ]
    assert told[0].properties == {
        "affiliation": "Example Shop",
        "name": "index",
        "url": "https://shop.example.com/",
        "referrer": "https://www.example.org/",
    }
    assert told[1].properties == {"affiliation": "Example Shop", "name": "cms"}


def test_a_product_is_viewed_at_the_catalogue_s_price() -> None:
    event = named(visit(page("product", object_id=11, product=CUP, cart_id=30)))
    assert (event.name, event.fact, event.call) == (
        "Product Viewed",
        "visit/7/viewed/3/2026-03-02 12:01:00",
        "track",
    )
    assert event.properties == {
        "affiliation": "Example Shop",
        "product_id": "11",
        "prestashop_product_id": "11",
        "sku": "C-11",
        "name": "Cup",
        "variant": "11",
        "price": Decimal("8.30"),
        "price_basis": "catalogue",
        "currency": "EUR",
        "value": Decimal("8.30"),
        "url": CUP.url,
        "cart_id": "30",
    }


@pytest.mark.parametrize(
    ("view", "told"),
    [
        (page("category", object_id=5, category="Mugs"), {"list_id": "5", "category": "Mugs"}),
        (page("manufacturer", object_id=3), {"list_id": "manufacturer-3"}),
        (page("newproducts"), {"list_id": "newproducts"}),
    ],
)
def test_a_list_is_viewed_by_its_number_or_name(view: PageView, told: dict[str, str]) -> None:
    event = named(visit(view))
    assert event.name == "Product List Viewed"
    assert event.properties == {"affiliation": "Example Shop"} | told


@pytest.mark.parametrize(
    ("view", "name", "told"),
    [
        (page("cart", cart_id=30), "Cart Viewed", {"cart_id": "30"}),
        (page("registration"), "Registration Viewed", {}),
        (
            page("orderconfirmation", cart_id=30, order_id=17),
            "Thankyou Page Viewed",
            {"order_id": "17", "cart_id": "30"},
        ),
        (page("orderconfirmation"), "Thankyou Page Viewed", {}),
    ],
)
def test_pages_of_the_checkout(view: PageView, name: str, told: dict[str, str]) -> None:
    event = named(visit(view))
    assert (event.name, event.properties) == (name, {"affiliation": "Example Shop"} | told)


def test_signing_in_is_registering_only_where_both_have_one_page() -> None:
    facts = visit(page("authentication"), has_registration_page=False)
    assert named(facts).name == "Registration Viewed"
    assert [event.name for event in look(replace(facts, has_registration_page=True)).events] == ["page"]


def test_whose_page_it_is() -> None:
    """The customer, and the anonymous id of the cart they had by then: the same as in the cart's own events."""
    with_cart = look(visit(page("cart", cart_id=30))).events[0].who
    assert (with_cart.user_id, with_cart.anonymous_id) == (None, anonymous_id(POLICY.namespace, "cart/30"))
    without = look(visit(page("cart"))).events[0].who
    assert without.anonymous_id == anonymous_id(POLICY.namespace, "guest/9")
    known = look(visit(page("cart"), customer_id=4, customer=ANNA)).events[0]
    assert (known.who.user_id, known.who.customer_id) == ("4", 4)
    assert known.properties["email"] == "anna@example.com"


def test_nothing_is_told_of_who_is_gone_erased_or_internal() -> None:
    facts = visit(page("cart"), customer_id=4, customer=ANNA)
    internal = replace(POLICY, internal=frozenset({"4"}))
    for outcome in (
        look(facts, policy=internal),
        look(replace(facts, customer=replace(ANNA, is_erased=True))),
        look(replace(facts, customer=None)),
    ):
        assert outcome == Outcome(is_forgotten=True)


def test_switched_off_the_visit_is_let_go_and_one_event_alone_can_be_off() -> None:
    facts = visit(page("cart"))
    assert look(facts, policy=replace(POLICY, disabled=PAGE_VIEWS)) == Outcome(is_forgotten=True)
    assert [event.name for event in look(facts, policy=replace(POLICY, disabled=frozenset({"page"}))).events] == [
        "Cart Viewed"
    ]


def test_a_page_without_a_date_or_a_name_is_not_told() -> None:
    assert look(visit(page("cart", at=None), page(""))).events == ()


def test_a_page_in_the_future_was_viewed_now() -> None:
    """The web server's clock is ahead of the database's."""
    assert look(visit(page("cms", 3))).events[0].occurred_at == minutes(2)


class TestLookingAgain:
    """A visit has no end that anything tells of."""

    @pytest.mark.parametrize(
        ("age", "pause"),
        [
            (timedelta(0), SHORTEST_PAUSE),
            (timedelta(seconds=30), timedelta(seconds=15)),
            (timedelta(hours=6), timedelta(hours=3)),
            (timedelta(days=19), LONGEST_PAUSE),
        ],
    )
    def test_the_longer_nothing_was_viewed_the_longer_the_pause(self, age: timedelta, pause: timedelta) -> None:
        now = minutes(1) + age
        assert look(visit(page("index")), now=now).again == now + pause

    def test_until_the_visitor_s_cookie_is_gone(self) -> None:
        outcome = look(visit(page("index")), now=minutes(1) + GOES_ON + timedelta(seconds=1))
        assert (outcome.again, outcome.is_forgotten, len(outcome.events)) == (None, True, 1)

    def test_a_page_viewed_late_is_told_like_any_other(self) -> None:
        """[14] Whoever left a tab open for days goes on with the same visit."""
        late = visit(page("index"), page("cms", 60 * 24 * 3, page_id=4))
        outcome = look(late, now=minutes(60 * 24 * 3 + 1))
        assert [event.occurred_at for event in outcome.events] == [minutes(1), minutes(60 * 24 * 3)]
        assert outcome.again is not None

    def test_a_visit_whose_shop_logs_nothing_is_let_go_at_once(self) -> None:
        assert look(visit(is_logged=False)) == Outcome(is_forgotten=True)
        assert look(visit(page("index"), is_logged=False)).again is not None, "logged until just now"
        assert look(visit()).again is not None, "its first page is written a moment later"

    def test_looks_are_few(self) -> None:
        """From the first page to the last look: what a visit costs in all."""
        now, looks = minutes(1), 0
        while (again := look(visit(page("index")), now=now).again) is not None:
            now, looks = again, looks + 1
        assert looks < 50

    def test_a_visit_that_was_cleared_away_leaves_nothing(self) -> None:
        assert gone(NOON, 7, "", policy=POLICY) == Outcome(is_forgotten=True)


def test_a_backfill_must_name_them() -> None:
    assert VISITS.is_on_demand
    assert VISITS.feeds[0].reach == GOES_ON
