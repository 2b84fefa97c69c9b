"""The ways of placing an order: each act takes a customer and a cart through the checkout."""

from poller.demo import carting, checkout, visits
from poller.demo.book import Book, Cart, Customer
from poller.demo.checkout import Confirmation, Crash, confirm
from poller.demo.hand import Hand
from poller.demo.market import CARRIERS, PICK_UP, Market


def buy(hand: Hand, book: Book, market: Market) -> bool:
    """An ordinary order, paid later or by card."""
    payment = hand.dice.choice((checkout.CHEQUE, checkout.WIRE, checkout.CASH, checkout.CARD))
    return _checked_out(hand, book, market, act="placed an order", payment=payment)


def buy_as_guest(hand: Hand, book: Book, market: Market) -> bool:
    """An order without an account: a customer row of its own, written at the identity step."""
    cart = carting.make_cart(hand, market, market.euro, lines=hand.dice.randint(1, 2))
    customer = visits.make_guest(hand, book)
    visits.give_cart(hand, cart, customer)
    _finish(hand, book, cart, customer, act="placed an order as a guest", payment=checkout.CARD)
    book.customers.add(customer)
    return True


def buy_kept_cart(hand: Hand, book: Book, market: Market) -> bool:
    """Order a cart that was filled earlier and belongs to a customer by now."""
    del market
    with book.carts.taken(hand.dice, lambda cart: cart.customer is not None and bool(cart.quantities)) as cart:
        if cart is None or cart.customer is None:
            return False
        _finish(hand, book, cart, cart.customer, act="ordered a kept cart", payment=checkout.WIRE)
    return True


def buy_in_dollars(hand: Hand, book: Book, market: Market) -> bool:
    """An order in the shop's other currency."""
    return _checked_out(hand, book, market, act="paid in dollars", payment=checkout.CARD, is_dollar=True)


def buy_with_voucher(hand: Hand, book: Book, market: Market) -> bool:
    """An order with a discount, or with free shipping."""
    return _checked_out(hand, book, market, act="used a voucher", payment=checkout.WIRE, has_voucher=True)


def buy_wrapped(hand: Hand, book: Book, market: Market) -> bool:
    """An order wrapped as a gift."""
    return _checked_out(hand, book, market, act="had it wrapped", payment=checkout.CARD, is_wrapped=True)


def buy_for_nothing(hand: Hand, book: Book, market: Market) -> bool:
    """An order whose voucher covers everything."""
    return _checked_out(hand, book, market, act="got it for nothing", payment=checkout.FREE, is_free=True)


def buy_split(hand: Hand, book: Book, market: Market) -> bool:
    """One checkout, two orders of one reference; the second waits for the first one's e-mails."""
    return _checked_out(hand, book, market, act="placed a split order", payment=checkout.WIRE, parts=2)


def buy_out_of_stock(hand: Hand, book: Book, market: Market) -> bool:
    """An order of what is not in stock: two history rows in one second."""
    payment = hand.dice.choice((checkout.CHEQUE, checkout.CARD))
    return _checked_out(hand, book, market, act="ordered out of stock", payment=payment, is_short=True)


def fail_to_pay(hand: Hand, book: Book, market: Market) -> bool:
    """An order whose card was refused: it begins in the error state, and completes only if it is paid after all."""
    return _checked_out(hand, book, market, act="had the card refused", payment=checkout.REFUSED_CARD)


def crash(hand: Hand, book: Book, market: Market) -> bool:
    """PHP is killed in a checkout: an order at state 0 stays for ever, and must never be told."""
    where: tuple[Crash, ...] = ("after the order", "after a line", "between the orders")
    crashed = hand.dice.choice(where)
    parts = 2 if crashed == "between the orders" else 1
    return _checked_out(
        hand, book, market, act="crashed in the checkout", payment=checkout.WIRE, parts=parts, crash=crashed
    )


def _checked_out(
    hand: Hand,
    book: Book,
    market: Market,
    *,
    act: str,
    payment: checkout.Payment,
    is_dollar: bool = False,
    has_voucher: bool = False,
    is_wrapped: bool = False,
    is_free: bool = False,
    is_short: bool = False,
    parts: int = 1,
    crash: Crash = "",
) -> bool:
    with book.customers.taken(hand.dice, lambda customer: not customer.is_guest) as found:
        customer = found or visits.make_customer(hand, book, is_guest=False)
        if found is None:
            visits.note_registered(hand, book, customer)
        lines = hand.dice.randint(parts, 3)
        cart = carting.make_cart(hand, market, market.dollar if is_dollar else market.euro, lines=lines)
        visits.give_cart(hand, cart, customer)
        if has_voucher:
            carting.add_voucher(hand, cart, hand.dice.choice(market.vouchers))
        elif is_free:
            carting.add_voucher(hand, cart, market.gift)
        _finish(
            hand,
            book,
            cart,
            customer,
            act=act,
            payment=payment,
            wrap=is_wrapped,
            short=is_short,
            parts=parts,
            crash=crash,
        )
    if found is None:
        book.customers.add(customer)
    return True


def _finish(
    hand: Hand,
    book: Book,
    cart: Cart,
    customer: Customer,
    *,
    act: str,
    payment: checkout.Payment,
    wrap: bool = False,
    short: bool = False,
    parts: int = 1,
    crash: Crash = "",
) -> None:
    """The steps of the checkout: address, carrier, payment; the progress is written into the cart, without a stamp."""
    if not customer.address_id:
        visits.make_address(hand, book, customer)
        book.note(visits.identify(hand, customer, act="gave an address"))
    hand.update(
        "cart",
        {"id_cart": cart.cart_id},
        checkout_session_data='{"checkout-personal-information-step":{"step_is_reachable":true,"step_is_complete":true},'
        '"checkout-addresses-step":{"step_is_reachable":true,"step_is_complete":true,"use_same_address":true},'
        '"checkout-delivery-step":{"step_is_reachable":true,"step_is_complete":true},'
        '"checkout-payment-step":{"step_is_reachable":true,"step_is_complete":false}}',
    )
    hand.pause(200)
    plan = Confirmation(
        act=act,
        cart=cart,
        customer=customer,
        payment=payment,
        carrier=PICK_UP if payment is checkout.FREE else hand.dice.choice(CARRIERS),
        is_wrapped=wrap,
        parts=parts,
        is_short_of_stock=short,
        crash=crash,
    )
    confirm(hand, book, plan)
