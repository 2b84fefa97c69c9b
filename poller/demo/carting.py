"""What shoppers do with a cart before it is bought: fill it, change their minds, try vouchers."""

import time

from poller.demo.book import Book, Cart
from poller.demo.hand import Hand
from poller.demo.market import Market
from poller.demo.pricing import Currency, Offer, Voucher

_SEEN_SECONDS = 2.5
"""How long something was in a cart before it is taken out."""


def browse(hand: Hand, book: Book, market: Market) -> bool:
    """Look around, and put something into a cart."""
    book.carts.add(make_cart(hand, market, market.euro, lines=hand.dice.randint(1, 3)))
    return True


def change_quantity(hand: Hand, book: Book, market: Market) -> bool:
    """Take one more of something in a cart."""
    del market
    with book.carts.taken(hand.dice, lambda cart: bool(cart.quantities)) as cart:
        if cart is None:
            return False
        offer = hand.dice.choice(list(cart.quantities))
        cart.quantities[offer] += 1
        _stamp(hand, cart)
        hand.update("cart_product", _line_key(cart, offer), quantity=cart.quantities[offer])
    return True


def remove_line(hand: Hand, book: Book, market: Market) -> bool:
    """Take something out of a cart: the row is deleted, and nothing else tells of it."""
    del market
    with book.carts.taken(
        hand.dice, lambda cart: bool(cart.quantities) and cart.stood(hand.calm(_SEEN_SECONDS))
    ) as cart:
        if cart is None:
            return False
        offer = hand.dice.choice(list(cart.quantities))
        del cart.quantities[offer]
        _stamp(hand, cart)
        hand.delete("cart_product", _line_key(cart, offer))
        cart.is_over = not cart.quantities
    return True


def type_voucher(hand: Hand, book: Book, market: Market) -> bool:
    """Type a voucher's code into a cart: one row, no date anywhere."""
    with book.carts.taken(hand.dice, lambda cart: bool(cart.quantities) and cart.voucher is None) as cart:
        if cart is None:
            return False
        add_voucher(hand, cart, hand.dice.choice(market.vouchers))
    return True


def take_voucher_out(hand: Hand, book: Book, market: Market) -> bool:
    """Take a voucher out of a cart again: its row is deleted."""
    del market
    with book.carts.taken(
        hand.dice, lambda cart: cart.voucher is not None and cart.stood(hand.calm(_SEEN_SECONDS))
    ) as cart:
        if cart is None or cart.voucher is None:
            return False
        hand.delete("cart_cart_rule", {"id_cart": cart.cart_id, "id_cart_rule": cart.voucher.rule_id})
        cart.voucher = None
    return True


def make_cart(hand: Hand, market: Market, currency: Currency, *, lines: int) -> Cart:
    """A visit that fills a cart: the cart row appears with the first product."""
    now = hand.stamp()
    guest_id = hand.insert("guest", id_operating_system=0, id_web_browser=0, id_customer=0, accept_language="fr")
    hand.insert(
        "connections", id_shop_group=1, id_shop=1, id_guest=guest_id, id_page=1, ip_address=2130706433, date_add=now
    )
    cart = Cart(0, guest_id, currency)
    for offer in hand.dice.sample(market.offers, lines):
        hand.pause(150)
        if cart.cart_id:
            _stamp(hand, cart)
        else:
            cart.cart_id = _cart_row(hand, guest_id, currency)
        hand.pause(5)
        cart.quantities[offer] = hand.dice.choice((1, 1, 2, 3))
        hand.insert("cart_product", **_line_key(cart, offer), id_shop=1, quantity=cart.quantities[offer], date_add=now)
    return cart


def add_voucher(hand: Hand, cart: Cart, voucher: Voucher) -> None:
    """Put a voucher into a cart."""
    cart.voucher = voucher
    hand.insert("cart_cart_rule", id_cart=cart.cart_id, id_cart_rule=voucher.rule_id)
    cart.touched = time.monotonic()


def _stamp(hand: Hand, cart: Cart) -> None:
    """Save the cart, before its lines are written."""
    hand.update("cart", {"id_cart": cart.cart_id}, date_upd=hand.stamp())
    cart.touched = time.monotonic()
    hand.pause(30)


def _line_key(cart: Cart, offer: Offer) -> dict[str, object]:
    return {
        "id_cart": cart.cart_id,
        "id_product": offer.product_id,
        "id_product_attribute": offer.variant_id,
        "id_customization": 0,
        "id_address_delivery": 0,
    }


def _cart_row(hand: Hand, guest_id: int, currency: Currency) -> int:
    now = hand.stamp()
    return hand.insert(
        "cart",
        id_shop_group=1,
        id_shop=1,
        id_carrier=0,
        delivery_option="",
        id_lang=1,
        id_address_delivery=0,
        id_address_invoice=0,
        id_currency=currency.currency_id,
        id_customer=0,
        id_guest=guest_id,
        secure_key="",
        date_add=now,
        date_upd=now,
    )
