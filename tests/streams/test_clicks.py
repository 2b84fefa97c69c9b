"""Clicks on links of campaigns: what is told, of whom, and what of an address is not."""

from dataclasses import replace
from typing import Any

import pytest

from poller.core.identity import anonymous_id
from poller.core.policy import Policy
from poller.shop.clicks import read_link
from poller.streams.clicks import ClickFacts, derive
from poller.streams.outcome import Outcome
from tests.streams.builders import ANNA, POLICY, minutes

CLICK = ClickFacts(
    click_id=12,
    shop_id=1,
    shop_name="Example Shop",
    stamp="2026-03-02 13:01:00",
    at=minutes(1),
    link_url="https://shop.example.com/mugs?utm_campaign=spring&utm_source=newsletter",
    referrer="https://mail.example.org/",
    campaign={"name": "spring", "source": "newsletter"},
    guest_id=9,
)
SOON = minutes(2)


def look(facts: ClickFacts, policy: Policy = POLICY) -> Outcome:
    return derive(SOON, facts, None, policy=policy)


def test_a_click_is_told_with_its_campaign() -> None:
    (event,) = look(CLICK).events
    assert (event.name, event.fact, event.occurred_at) == ("Link Clicked", "click/12/2026-03-02 13:01:00", minutes(1))
    assert event.properties == {
        "affiliation": "Example Shop",
        "link_url": CLICK.link_url,
        "referrer": "https://mail.example.org/",
        "campaign_name": "spring",
        "campaign_source": "newsletter",
    }
    assert event.context == {"campaign": {"name": "spring", "source": "newsletter"}}
    assert event.who.anonymous_id == anonymous_id(POLICY.namespace, "guest/9")


def test_it_is_the_customer_s_once_the_visitor_has_a_name() -> None:
    (event,) = look(replace(CLICK, customer_id=4, customer=ANNA, cart_id=30)).events
    assert (event.who.user_id, event.who.anonymous_id) == ("4", anonymous_id(POLICY.namespace, "cart/30"))
    assert event.properties["email"] == "anna@example.com"


@pytest.mark.parametrize(
    "change",
    [
        {"campaign": {}},
        {"at": None},
        {"customer_id": 4},
        {"customer_id": 4, "customer": replace(ANNA, is_erased=True)},
    ],
)
def test_nothing_is_told_without_a_campaign_or_a_date_or_of_who_is_gone(change: dict[str, Any]) -> None:
    assert look(replace(CLICK, **change)) == Outcome()
    assert look(CLICK, replace(POLICY, disabled=frozenset({"Link Clicked"}))) == Outcome()


class TestAddresses:
    """`connections_source.request_uri` is host and path, as they were called."""

    @pytest.mark.parametrize(
        ("uri", "link", "campaign"),
        [
            (
                "shop.example.com/mugs?utm_campaign=spring%20sale&utm_source=mail&utm_medium=email&utm_id=7",
                "https://shop.example.com/mugs?utm_campaign=spring+sale&utm_source=mail&utm_medium=email&utm_id=7",
                {"name": "spring sale", "source": "mail", "medium": "email", "id": "7"},
            ),
            (
                "shop.example.com/index.php?controller=product&amp;id_product=3&amp;utm_term=mug&amp;utm_content=b",
                "https://shop.example.com/index.php?controller=product&id_product=3&utm_term=mug&utm_content=b",
                {"term": "mug", "content": "b"},
            ),
            ("shop.example.com/?utm_campaign=", "https://shop.example.com/", {}),
            ("", "https://", {}),
        ],
    )
    def test_the_campaign_is_read_out_of_the_query(self, uri: str, link: str, campaign: dict[str, str]) -> None:
        assert read_link(uri, scheme="https") == (link, campaign)

    def test_what_may_be_personal_is_not_told(self) -> None:
        link, _ = read_link("shop.example.com/?email=anna@example.com&token=abc&utm_source=mail", scheme="http")
        assert link == "http://shop.example.com/?utm_source=mail"

    def test_the_last_parameter_of_an_address_that_was_cut_is_not_believed(self) -> None:
        uri = f"shop.example.com/?utm_source=mail&utm_campaign={'x' * 300}"[:255]
        assert read_link(uri, scheme="https")[1] == {"source": "mail"}
