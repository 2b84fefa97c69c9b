"""Every property the streams can emit: rich facts, derived and composed as the poller does, gathered by event."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from poller.core.events import Event
from poller.core.policy import UserId
from poller.segment.compose import MessageComposer
from poller.segment.wire import Wire
from poller.streams import clicks, customers, mails, searches, sessions, subscribers, wishlists
from poller.streams import messages as messages_of
from poller.streams.carts import derive as carts
from poller.streams.carts.facts import CartFacts, Coupon
from poller.streams.customers import Address
from poller.streams.orders.facts import OrderFacts, Voucher
from poller.streams.visits import derive as visits
from tests.streams.builders import (
    ANNA,
    CANCELED,
    CHEQUE,
    EVERYTHING,
    LATER,
    NOON,
    PAID,
    POLICY,
    REFUNDED,
    SHOP,
    ledger,
    line,
    look,
    minutes,
    order,
    slip,
)
from tests.streams.test_carts import CUP, ORDER, RED_BOWL, WELCOME, steps
from tests.streams.test_carts import line as basket_line
from tests.streams.test_clicks import CLICK
from tests.streams.test_order_coupons import WELCOME as WELCOME_ON_ORDER
from tests.streams.test_order_coupons import settled, with_coupons
from tests.streams.test_visits import page, visit
from tests.streams.test_wishlists import ITEM, PICKED

WIRE = Wire(
    namespace=POLICY.namespace,
    write_key="key",
    sent_from="prestashop-segment-poller",
    event_category="ecommerce",
    traits_in=frozenset({"identify", "context"}),
)
HOME = Address(
    street="1 Example Street",
    city="Exampleville",
    postal_code="75001",
    state="State",
    country="France",
    country_code="FR",
    phone="+33 1 00 00 00 00",
    company="Example Ltd",
)
BOWL = replace(
    RED_BOWL,
    sku="B-12",
    brand="Brand",
    category="Bowls",
    tags=("summer",),
    url="https://shop.example.com/index.php?controller=product&id_product=12",
    image_url="https://shop.example.com/1.jpg",
)
WHOLE = replace(
    ANNA, gender="female", birthday=date(1990, 2, 28), is_newsletter=True, address=HOME, consents={"Marketing": True}
)


def messages() -> Iterator[Mapping[str, Any]]:
    """The messages of a shop in which everything happens."""
    composer = MessageComposer(WIRE)
    for event in events():
        yield {"thing": event.thing, **json.loads(composer.compose(event).text)}
    historian = MessageComposer(replace(WIRE, is_historical=True))
    for event in customers.derive(LATER, WHOLE, None, policy=POLICY).events:
        yield {"thing": event.thing, **json.loads(historian.compose(event).text)}


def events() -> Iterator[Event]:
    for facts in _orders():
        yield from look(facts, policy=EVERYTHING).events
    counted = order(PAID, lines=(line(refunded_tax_incl=Decimal("12.00"), refunded_quantity=1),))
    before = look(order(PAID), now=minutes(10))
    noticed = look(counted, before.memory, now=minutes(20))
    yield from look(counted, noticed.memory, now=minutes(21)).events
    yield from _couponed()
    yield from look(order(PAID), policy=replace(POLICY, user_id=UserId(source="anonymous"))).events
    yield from customers.derive(LATER, WHOLE, None, policy=POLICY).events
    yield from _baskets()
    yield from _wishes()
    yield from _logbooks()
    yield from _visits()


def _orders() -> Iterator[OrderFacts]:
    rich = line(
        variant_id=7,
        variant="Red / L",
        list_price_tax_excl=Decimal("12.50"),
        url="https://shop.example.com/index.php?controller=product&id_product=11",
        image_url="https://shop.example.com/img/p/1/1-large_default.jpg",
        tags=("summer",),
        customizations=(("Engraving", "For you"),),
    )
    facts = order(
        CHEQUE,
        PAID,
        CANCELED,
        REFUNDED,
        lines=(rich,),
        customer=WHOLE,
        delivery_country="FR",
        tracking_numbers=("PARCEL1",),
        wrapping_tax_excl=Decimal("2.00"),
        wrapping_tax_incl=Decimal("2.40"),
        discounts_tax_excl=Decimal("1.00"),
        discounts_tax_incl=Decimal("1.20"),
        total_tax_incl=Decimal("31.20"),
        vouchers=(Voucher(3, "Welcome", "WELCOME", Decimal("1.00"), Decimal("1.20")),),
        slips=(
            slip(5, "12.00", minutes(1.5)),
            replace(slip(6, "6.00", minutes(1.7)), is_voucher=True),
        ),
    )
    yield replace(facts, ledger=ledger(facts))
    yield replace(facts, slips=())
    beyond = order(PAID, slips=(slip(5, "24.00", minutes(5)), slip(6, "9.50", minutes(6))))
    yield beyond
    # A total that its lines do not explain, quiet for long: told as it is, flagged.
    yield order(PAID, CANCELED, REFUNDED, total_tax_incl=Decimal("99.00"), slips=(slip(5, "12.00", minutes(5)),))
    # Lines and texts without end: what Segment's limit takes away is told.
    many = tuple(replace(rich, line_id=number) for number in range(1, 400))
    yield order(PAID, CANCELED, REFUNDED, lines=many)
    yield order(PAID, CANCELED, REFUNDED, payment="x" * 40_000)


def _couponed() -> Iterator[Event]:
    """An order on which the back office put a coupon, and took it off again."""
    memory = look(replace(with_coupons(), customer=WHOLE), now=minutes(1)).memory
    for minute, vouchers in ((10, (WELCOME_ON_ORDER,)), (20, ())):
        facts = replace(with_coupons(*vouchers, minute=minute), customer=WHOLE)
        outcome = settled(facts, memory, now=minutes(minute + 1))
        memory = outcome.memory
        yield from outcome.events


def _logbooks() -> Iterator[Event]:
    """What is written once: sessions, subscriptions, e-mails, messages, searches."""
    guest = customers.derive(LATER, replace(WHOLE, is_guest=True, is_newsletter=False), None, policy=POLICY)
    account = customers.derive(LATER, replace(WHOLE, is_newsletter=True), guest.memory, policy=POLICY)
    yield from account.events
    yield from customers.derive(LATER, replace(WHOLE, is_newsletter=False), account.memory, policy=POLICY).events
    at = minutes(3)
    yield from sessions.derive(
        LATER, sessions.SessionFacts(session_id=12, customer=WHOLE, at=at), None, policy=POLICY
    ).events
    visitor = subscribers.SubscriberFacts(
        subscriber_id=7, shop_id=1, email="visitor@example.com", is_active=True, at=at
    )
    yield from subscribers.derive(LATER, visitor, None, policy=POLICY).events
    mail = mails.MailFacts(mail_id=8, template="order_conf", subject="Thank you", customer=WHOLE, at=at)
    yield from mails.derive(LATER, mail, None, policy=POLICY).events
    reply = messages_of.MessageFacts(
        message_id=9,
        thread_id=2,
        shop_id=1,
        order_id=17,
        customer=WHOLE,
        email=WHOLE.email,
        is_by_employee=False,
        is_private=False,
        is_first=False,
        at=at,
    )
    yield from messages_of.derive(LATER, reply, None, policy=POLICY).events
    search = searches.SearchFacts(search_id=10, shop_id=1, query="mug", results=3, at=at)
    yield from searches.derive(LATER, search, None, policy=POLICY).events


def _baskets() -> Iterator[Event]:
    """A cart of a visitor who logs in, changes their mind and buys; and what their coupons grant."""
    bowl = replace(
        CUP, product_id=12, variant_id=7, variant="Red", tags=("summer",), image_url="https://shop.example.com/1.jpg"
    )
    cup = replace(CUP, tags=("summer",))
    granted = Coupon(rule_id=6, name="Five off", code="FIVE", amount=Decimal(5), currency="EUR", is_shipping_free=True)
    anonymous = CartFacts(cart_id=30, shop=SHOP, lines=(basket_line(cup, 2), basket_line(bowl, 3)), added_at=NOON)
    known = replace(anonymous, customer_id=4, customer=WHOLE, carrier="Carrier", coupons=(WELCOME, granted))
    more = replace(known, lines=(*known.lines, basket_line(replace(CUP, product_id=13))))
    left, way = (basket_line(cup), basket_line(bowl)), steps("addresses", "delivery", "payment")
    less = replace(known, lines=left, coupons=(WELCOME,), steps=way)
    ordered = replace(less, coupons=(), orders=(ORDER,))
    looks = ((anonymous, 1), (known, 2), (more, 2), (more, 3), (less, 4), (less, 5), (ordered, 7))
    yield from carts.derive(LATER, replace(ordered, cart_id=31, steps=()), None, policy=POLICY).events
    yield from carts.derive(LATER, replace(ordered, cart_id=32), None, policy=POLICY).events
    memory = None
    for facts, minute in looks:
        outcome = carts.derive(minutes(minute), replace(facts, updated_at=minutes(minute)), memory, policy=POLICY)
        memory = outcome.memory
        yield from outcome.events


def _wishes() -> Iterator[Event]:
    """A product that was put on a list and taken off it; another that went from there into a cart."""
    item, pick = replace(ITEM, product=BOWL, customer=WHOLE), replace(PICKED, product=BOWL, customer=WHOLE)
    first = wishlists.derive_item(NOON, item, None, policy=POLICY)
    added = wishlists.derive_item(LATER, item, first.memory, policy=POLICY)
    yield from added.events
    yield from wishlists.gone_item(LATER, item.item_id, added.memory, policy=POLICY).events
    yield from wishlists.derive_pick(LATER, pick, None, policy=POLICY).events


def _visits() -> Iterator[Event]:
    """A customer who looks around, from the home page to the order's confirmation; and a visitor without a cart."""
    kinds = ("index", "cart", "registration")
    pages = [page(kind, place, page_id=place, cart_id=30) for place, kind in enumerate(kinds)]
    shown = page("product", 4, object_id=12, product=replace(BOWL, variant_id=0), cart_id=30)
    listed = page("category", 5, object_id=5, category="Bowls", url=SHOP.url, cart_id=30)
    thanks = page("orderconfirmation", 6, cart_id=30, order_id=17)
    whole = visit(*pages, shown, listed, thanks, customer_id=4, customer=WHOLE, referrer="https://www.example.org/")
    yield from visits.derive(LATER, whole, None, policy=POLICY).events
    yield from visits.derive(LATER, visit(page("newproducts")), None, policy=POLICY).events
    whole_link = replace(CLICK, campaign=dict.fromkeys(clicks.PARTS, "spring"), customer_id=4, customer=WHOLE)
    yield from clicks.derive(LATER, whole_link, None, policy=POLICY).events
