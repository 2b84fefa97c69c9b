"""What customers do with wishlists, as the module blockwishlist writes it: rows without dates, and notes beside."""

from poller.demo.book import Book, Customer, Wish
from poller.demo.carting import make_cart
from poller.demo.hand import Hand
from poller.demo.market import Market

_SEEN_SECONDS = 2.0


def wish(hand: Hand, book: Book, market: Market) -> bool:
    """Put something on a wishlist; the first time the list is made."""
    with book.customers.taken(hand.dice, lambda customer: not customer.is_guest) as customer:
        if customer is None:
            return False
        customer.is_bound = True
        if not customer.wishlist_id:
            customer.wishlist_id = _list_row(hand, customer)
        offer = hand.dice.choice(market.offers)
        item_id = hand.insert(
            "wishlist_product",
            id_wishlist=customer.wishlist_id,
            id_product=offer.product_id,
            id_product_attribute=offer.variant_id,
            quantity=1,
            priority=1,
        )
        hand.pause(1)
        note_id = hand.insert(
            "blockwishlist_statistics",
            id_cart=0,
            id_product=offer.product_id,
            id_product_attribute=offer.variant_id,
            date_add=hand.stamp(),
            id_shop=1,
        )
        customer.wishes.append(Wish(item_id, note_id))
    return True


def take_off(hand: Hand, book: Book, market: Market) -> bool:
    """Take something off a wishlist: its row is deleted, and nothing else tells of it."""
    del market
    seconds = hand.calm(_SEEN_SECONDS)
    with book.customers.taken(
        hand.dice, lambda customer: any(one.stood(seconds) for one in customer.wishes)
    ) as customer:
        if customer is None:
            return False
        gone = hand.dice.choice([one for one in customer.wishes if one.stood(seconds)])
        customer.wishes.remove(gone)
        hand.delete("wishlist_product", {"id_wishlist_product": gone.item_id})
    return True


def pick(hand: Hand, book: Book, market: Market) -> bool:
    """Put something from a wishlist into a cart: the module notes the cart where it noted the wish."""
    with book.customers.taken(hand.dice, _has_something_to_pick) as customer:
        if customer is None:
            return False
        chosen = next(one for one in customer.wishes if not one.is_picked)
        chosen.is_picked = True
        cart = make_cart(hand, market, market.euro, lines=1)
        hand.update("cart", {"id_cart": cart.cart_id}, id_customer=customer.customer_id, date_upd=hand.stamp())
        hand.update("blockwishlist_statistics", {"id_statistics": chosen.note_id}, id_cart=cart.cart_id)
    return True


def _has_something_to_pick(customer: Customer) -> bool:
    return any(not one.is_picked for one in customer.wishes)


def _list_row(hand: Hand, customer: Customer) -> int:
    now = hand.stamp()
    return hand.insert(
        "wishlist",
        id_customer=customer.customer_id,
        id_shop=1,
        id_shop_group=1,
        token="",
        name="My wishlist",
        date_add=now,
        date_upd=now,
        default=1,
    )
