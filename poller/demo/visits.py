"""What shoppers do before they buy: they look around, fill carts, change their minds, log in, and say who they are."""

import time

from poller.demo.book import Book, Cart, Customer, Deed
from poller.demo.hand import NO_DATE, NO_TIME, Hand
from poller.demo.market import Market
from poller.demo.pricing import Currency, Offer, Voucher
from poller.demo.states import mail

FIRST_NAMES = (
    "Adèle",
    "Bruno",
    "Chloé",
    "Désirée",
    "Émile",
    "Fatou",
    "Gustave",
    "Hana",
    "Iris",
    "João",
    "Karin",
    "Léo",
)
LAST_NAMES = ("Abadie", "Bonnet", "Castaing", "Dujardin", "Espérou", "Faure", "Girard", "Huet", "Lacaze", "O'Neill")
_CALM_SECONDS = 4.0
"""Saving an account opens a session too, which is no sign-in: a real one comes a little later."""
_SEEN_SECONDS = 2.5
"""How long something was in a cart before it is taken out."""
TOWNS = (("75011", "Paris"), ("69002", "Lyon"), ("13006", "Marseille"), ("44000", "Nantes"), ("67000", "Strasbourg"))


def register(hand: Hand, book: Book, market: Market) -> bool:
    """Open an account."""
    del market
    customer = make_customer(hand, book, is_guest=False)
    mail(hand, book, customer, "account")
    _consent(hand, customer)
    note_registered(hand, book, customer)
    book.customers.add(customer)
    return True


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


def log_in(hand: Hand, book: Book, market: Market) -> bool:
    """Log in with something in the cart: the anonymous cart becomes the customer's."""
    del market
    with (
        book.customers.taken(hand.dice, lambda c: not c.is_guest and c.is_calm(hand.calm(_CALM_SECONDS))) as customer,
        book.carts.taken(hand.dice, lambda cart: cart.customer is None) as cart,
    ):
        if customer is None or cart is None:
            return False
        give_cart(hand, cart, customer)
        _session(hand, customer)
        note_of(hand, book, customer, "Signed In")
        hand.update("cart", {"id_cart": cart.cart_id}, id_guest=cart.guest_id)
        hand.update("guest", {"id_guest": cart.guest_id}, id_customer=customer.customer_id)
    return True


def make_customer(hand: Hand, book: Book, *, is_guest: bool) -> Customer:
    """A new customer row; not yet where other acts find it."""
    dice, now = hand.dice, hand.stamp()
    first, last = dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES)
    is_newsletter = not is_guest and dice.random() < 0.4
    key, email = f"{dice.getrandbits(128):032x}", f"shopper{book.number()}@example.com"
    customer_id = hand.insert(
        "customer",
        id_shop_group=1,
        id_shop=1,
        id_gender=dice.choice((0, 1, 2)),
        id_default_group=2 if is_guest else 3,
        id_lang=1,
        company="",
        firstname=first,
        lastname=last,
        email=email,
        passwd="",
        birthday=dice.choice((NO_DATE, "1990-06-15")),
        newsletter=int(is_newsletter),
        newsletter_date_add=now if is_newsletter else NO_TIME,
        optin=0,
        secure_key=key,
        active=1,
        is_guest=int(is_guest),
        deleted=0,
        date_add=now,
        date_upd=now,
    )
    hand.insert("customer_group", id_customer=customer_id, id_group=2 if is_guest else 3)
    customer = Customer(customer_id, first, last, email, key, is_guest=is_guest, is_newsletter=is_newsletter)
    _session(hand, customer)
    return customer


def make_guest(hand: Hand, book: Book) -> Customer:
    """A guest at the identity step: the row comes long before there is an order."""
    customer = make_customer(hand, book, is_guest=True)
    _consent(hand, customer)
    book.note(identify(hand, customer, act="named as a guest"))
    return customer


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


def give_cart(hand: Hand, cart: Cart, customer: Customer) -> None:
    """The anonymous cart becomes a customer's."""
    cart.customer, customer.is_bound = customer, True
    hand.update(
        "cart",
        {"id_cart": cart.cart_id},
        id_customer=customer.customer_id,
        secure_key=customer.secure_key,
        id_address_delivery=customer.address_id,
        id_address_invoice=customer.address_id,
        date_upd=hand.stamp(),
    )


def add_voucher(hand: Hand, cart: Cart, voucher: Voucher) -> None:
    """Put a voucher into a cart."""
    cart.voucher = voucher
    hand.insert("cart_cart_rule", id_cart=cart.cart_id, id_cart_rule=voucher.rule_id)
    cart.touched = time.monotonic()


def make_address(hand: Hand, book: Book, customer: Customer) -> None:
    """A new address row."""
    postcode, city = hand.dice.choice(TOWNS)
    now = hand.stamp()
    customer.street = f"{book.number()} rue de l'Exemple"
    customer.address_id = hand.insert(
        "address",
        id_country=8,
        id_state=0,
        id_customer=customer.customer_id,
        alias="My address",
        company="",
        lastname=customer.last_name,
        firstname=customer.first_name,
        address1=customer.street,
        address2="",
        postcode=postcode,
        city=city,
        phone="0100000000",
        date_add=now,
        date_upd=now,
        active=1,
        deleted=0,
    )


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


def _session(hand: Hand, customer: Customer) -> None:
    now = hand.stamp()
    hand.insert("customer_session", id_customer=customer.customer_id, token="", date_add=now, date_upd=now)


def _consent(hand: Hand, customer: Customer) -> None:
    now = hand.stamp()
    hand.insert(
        "psgdpr_log",
        id_customer=customer.customer_id,
        id_guest=0,
        client_name=f"{customer.first_name} {customer.last_name}",
        id_module=0,
        request_type=1,
        date_add=now,
        date_upd=now,
    )


def note_registered(hand: Hand, book: Book, customer: Customer) -> None:
    """Log that a customer opened an account."""
    book.note(identify(hand, customer, act="registered"))
    note_of(hand, book, customer, "Signed Up")
    if customer.is_newsletter:
        note_of(hand, book, customer, "Subscribed")


def note_of(hand: Hand, book: Book, customer: Customer, event: str) -> None:
    """Log what a customer did to their account."""
    subject = f"customer {customer.customer_id}"
    book.note_beside(event.lower(), event, subject, at=hand.committed(), customer_id=customer.customer_id)


def identify(hand: Hand, customer: Customer, *, act: str) -> Deed:
    """The deed that a customer appeared or changed."""
    return Deed(
        act=act, kind="identify", at=hand.committed(), customer_id=customer.customer_id, traits=customer.traits()
    )
