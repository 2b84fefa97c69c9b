"""What people say and ask: searches, newsletters without an account, questions to the customer service."""

from poller.demo.book import Book, Reader
from poller.demo.hand import Hand
from poller.demo.market import Market
from poller.demo.visits import note_of

_WORDS = ("mug", "cushion", "poster", "notebook", "gift")
_CALM_SECONDS = 4.0


def search(hand: Hand, book: Book, market: Market) -> bool:
    """Search the shop: the module statssearch logs it, dated by the database's clock, without saying who it was."""
    del market
    query, results = f"{hand.dice.choice(_WORDS)} {book.number()}", hand.dice.randint(0, 9)
    hand.run("INSERT INTO PREFIX_statssearch (keywords, results, date_add) VALUES (%s, %s, NOW())", query, results)
    book.note_beside("searched", "Products Searched", f"search {query}", at=hand.committed(), detail=str(results))
    return True


def subscribe(hand: Hand, book: Book, market: Market) -> bool:
    """A visitor takes the newsletter."""
    del market
    email = f"visitor{book.number()}@example.com"
    key = hand.run(
        "INSERT INTO PREFIX_emailsubscription (email, newsletter_date_add, ip_registration_newsletter, active)"
        " VALUES (%s, NOW(), '', 1)",
        email,
    )
    book.note_beside("subscribed", "Subscribed", f"visitor {email}", at=hand.committed())
    book.readers.add(Reader(key, email))
    return True


def unsubscribe(hand: Hand, book: Book, market: Market) -> bool:
    """The back office takes a visitor off the list: no date, nothing tells of it."""
    del market
    with book.readers.taken(hand.dice, lambda reader: reader.is_calm(hand.calm(_CALM_SECONDS))) as reader:
        if reader is None:
            return False
        reader.is_over = True
        hand.update("emailsubscription", {"id": reader.key}, active=0)
        book.note_beside("unsubscribed", "Unsubscribed", f"visitor {reader.email}", at=hand.committed())
    return True


def ask(hand: Hand, book: Book, market: Market) -> bool:
    """A customer asks, an employee answers, and the customer answers that."""
    del market
    with book.customers.taken(hand.dice, lambda customer: customer.is_bound) as customer:
        if customer is None:
            return False
        now = hand.stamp()
        thread = hand.insert(
            "customer_thread",
            id_lang=1,
            id_contact=1,
            id_customer=customer.customer_id,
            id_order=0,
            email=customer.email,
            date_add=now,
            date_upd=now,
        )
        for employee, text in ((0, "Where is it?"), (1, "On its way."), (0, "Thank you.")):
            hand.insert(
                "customer_message",
                id_customer_thread=thread,
                id_employee=employee,
                message=text,
                date_add=hand.stamp(),
                date_upd=hand.stamp(),
            )
            hand.pause(200)
        note_of(hand, book, customer, "Email Replied")
    return True
