"""What happens to customers: edits that are stamped and edits that are not, addresses replaced, accounts deleted."""

import time

from poller.demo.book import Book, Customer, Deed
from poller.demo.hand import Hand
from poller.demo.market import Market
from poller.demo.visits import LAST_NAMES, identify, make_address, note_of

_CALM_SECONDS = 8.0
_READING_SECONDS = 3.0


def edit_account(hand: Hand, book: Book, market: Market) -> bool:
    """A customer changes name and e-mail address, and switches the newsletter."""
    del market
    calm, reading = hand.calm(_CALM_SECONDS), hand.calm(_READING_SECONDS)
    with book.customers.taken(
        hand.dice, lambda c: _has_account(c) and c.is_calm(calm) and c.has_read(reading)
    ) as customer:
        if customer is None:
            return False
        with customer.letterbox:
            if not customer.has_read(reading):
                return False
            customer.last_name = hand.dice.choice(LAST_NAMES)
            customer.email = f"shopper{book.number()}@example.com"
            customer.is_newsletter = not customer.is_newsletter
            hand.update(
                "customer",
                {"id_customer": customer.customer_id},
                lastname=customer.last_name,
                email=customer.email,
                newsletter=int(customer.is_newsletter),
                date_upd=hand.stamp(),
            )
        customer.saved = time.monotonic()
        book.note(identify(hand, customer, act="edited the account"))
        note_of(hand, book, customer, "Subscribed" if customer.is_newsletter else "Unsubscribed")
    return True


def sign_up_in_footer(hand: Hand, book: Book, market: Market) -> bool:
    """The newsletter box in the shop's footer: an UPDATE that moves no date_upd, dated by the database's clock."""
    del market
    with book.customers.taken(hand.dice, lambda c: _may_sign_up(c) and c.is_calm(hand.calm(_CALM_SECONDS))) as customer:
        if customer is None:
            return False
        customer.is_newsletter = True
        hand.run(
            "UPDATE PREFIX_customer SET newsletter = 1, newsletter_date_add = NOW() WHERE id_customer = %s",
            customer.customer_id,
        )
        customer.saved = time.monotonic()
        book.note(identify(hand, customer, act="signed up in the footer"))
        note_of(hand, book, customer, "Subscribed")
    return True


def move(hand: Hand, book: Book, market: Market) -> bool:
    """An address that orders use is not edited: the old row is flagged, a new one takes its place."""
    del market
    with book.customers.taken(hand.dice, lambda c: _has_account(c) and c.address_id > 0) as customer:
        if customer is None:
            return False
        hand.update("address", {"id_address": customer.address_id}, deleted=1, date_upd=hand.stamp())
        hand.pause(2)
        make_address(hand, book, customer)
        book.note(identify(hand, customer, act="moved"))
    return True


def delete_account(hand: Hand, book: Book, market: Market) -> bool:
    """A customer without orders goes: the row deleted, or flagged, or erased by the data protection module."""
    del market
    with book.customers.taken(hand.dice, lambda customer: not customer.is_bound) as customer:
        if customer is None:
            return False
        how = hand.dice.choice((_remove, _flag, _erase))
        how(hand, customer)
        customer.is_over = True
        book.note(Deed(act="deleted", kind=None, at=hand.committed(), customer_id=customer.customer_id))
    return True


def _may_sign_up(customer: Customer) -> bool:
    return _has_account(customer) and not customer.is_newsletter


def _has_account(customer: Customer) -> bool:
    return not customer.is_guest


def _remove(hand: Hand, customer: Customer) -> None:
    key = {"id_customer": customer.customer_id}
    hand.delete("customer_group", key)
    hand.delete("customer_session", key)
    hand.delete("customer", key)


def _flag(hand: Hand, customer: Customer) -> None:
    hand.update("customer", {"id_customer": customer.customer_id}, deleted=1, date_upd=hand.stamp())


def _erase(hand: Hand, customer: Customer) -> None:
    hand.update("cart", {"id_customer": customer.customer_id}, id_customer=1)
    now = hand.stamp()
    hand.insert(
        "psgdpr_log",
        id_customer=customer.customer_id,
        id_guest=0,
        client_name=f"{customer.first_name} {customer.last_name}",
        id_module=0,
        request_type=4,
        date_add=now,
        date_upd=now,
    )
    _remove(hand, customer)
