"""What visitors do before they put anything into a cart: a campaign's link leads them in, and they look at pages.

The module statsdata writes it down: the visit, where it came from, and each page.
"""

from poller.demo.book import Book
from poller.demo.hand import Hand
from poller.demo.market import Market

_PAGES = {"index": 1, "category": 14, "cart": 17, "registration": 18, "orderconfirmation": 16}
"""Pages that the module has seen before, by kind (sql/demo/data.sql); a product's follow its number."""
_CATEGORY = 3
_FIRST_PRODUCT_PAGE = 1
_NAMED = {
    "cart": ("Cart Viewed", "cart page"),
    "registration": ("Registration Viewed", "registration page"),
    "orderconfirmation": ("Thankyou Page Viewed", "confirmation page"),
    "category": ("Product List Viewed", f"list {_CATEGORY}"),
}


def look_around(hand: Hand, book: Book, market: Market) -> bool:
    """Follow a campaign's link, look at a product, and at every other page, in any order."""
    campaign = f"spring-{book.number()}"
    guest = hand.insert("guest", id_operating_system=0, id_web_browser=0, id_customer=0, accept_language="fr")
    visit = hand.insert(
        "connections",
        id_shop_group=1,
        id_shop=1,
        id_guest=guest,
        id_page=_PAGES["index"],
        ip_address=2130706433,
        date_add=hand.stamp(),
        http_referer="https://mail.example.org/",
    )
    hand.insert(
        "connections_source",
        id_connections=visit,
        http_referer="https://mail.example.org/",
        request_uri=f"maison-demo.example.com/?utm_campaign={campaign}&utm_source=newsletter&utm_medium=email",
        keywords="",
        date_add=hand.stamp(),
    )
    book.note_beside("followed a link", "Link Clicked", f"campaign {campaign}", at=hand.committed())
    _view(hand, book, visit, "index", _PAGES["index"])
    product = hand.dice.choice(market.offers).product_id
    _view(hand, book, visit, "product", _FIRST_PRODUCT_PAGE + product)
    book.note_beside("viewed", "Product Viewed", f"product {product}", at=hand.committed())
    for kind in hand.dice.sample(sorted(_NAMED), len(_NAMED)):
        _view(hand, book, visit, kind, _PAGES[kind])
        event, subject = _NAMED[kind]
        book.note_beside("viewed", event, subject, at=hand.committed())
    return True


def _view(hand: Hand, book: Book, visit: int, kind: str, page: int) -> None:
    hand.insert("connections_page", id_connections=visit, id_page=page, time_start=hand.stamp())
    book.note_beside("viewed", "page", f"page {kind}", at=hand.committed())
    hand.pause(5)
