"""What shoppers do before they buy: they open accounts, log in, and say who they are."""

from poller.demo.book import Book, Cart, Customer, Deed
from poller.demo.hand import NO_DATE, NO_TIME, Hand
from poller.demo.market import Market
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
