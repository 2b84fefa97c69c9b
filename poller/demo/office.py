"""What happens to orders afterwards, but for refunds by slip: payments, shipments, cancellations, other programs."""

from dataclasses import replace

from poller.demo import states
from poller.demo.book import Book, Line, Order
from poller.demo.checkout import save_totals
from poller.demo.hand import Hand
from poller.demo.market import Market
from poller.demo.pricing import ZERO, Taxed, Totals, cents
from poller.demo.states import enter, note_update

UNPAID = (states.CHEQUE, states.WIRE, states.BACKORDER_UNPAID, states.CASH_ON_DELIVERY)
PAID = (states.PAID, states.PREPARATION)


def pay(hand: Hand, book: Book, market: Market) -> bool:
    """The money of an order arrives; also of one whose card was refused at first."""
    del market
    with book.orders.taken(hand.dice, lambda order: order.state in {*UNPAID, states.ERROR}) as order:
        if order is None:
            return False
        enter(hand, book, order, states.PAID, act="paid")
    return True


def ship(hand: Hand, book: Book, market: Market) -> bool:
    """An order is prepared, gets its tracking number (which nothing dates) and leaves."""
    del market
    with book.orders.taken(hand.dice, lambda order: order.state in {*PAID, states.BACKORDER_PAID}) as order:
        if order is None:
            return False
        if order.state != states.PREPARATION:
            enter(hand, book, order, states.PREPARATION, act="prepared")
        number = f"DEMO{order.order_id:08d}"
        hand.update("order_carrier", {"id_order_carrier": order.carrier_row_id}, tracking_number=number)
        enter(hand, book, order, states.SHIPPED, act="shipped")
    return True


def deliver(hand: Hand, book: Book, market: Market) -> bool:
    """An order arrives."""
    del market
    with book.orders.taken(hand.dice, lambda order: order.state == states.SHIPPED) as order:
        if order is None:
            return False
        enter(hand, book, order, states.DELIVERED, act="delivered")
    return True


def cancel_unpaid(hand: Hand, book: Book, market: Market) -> bool:
    """An order is cancelled before anything was paid."""
    del market
    with book.orders.taken(hand.dice, lambda order: order.state in UNPAID) as order:
        if order is None:
            return False
        enter(hand, book, order, states.CANCELED, act="cancelled before payment")
        order.is_over = True
    return True


def cancel_paid(hand: Hand, book: Book, market: Market) -> bool:
    """An order is cancelled after it was paid."""
    del market
    with book.orders.taken(hand.dice, lambda order: order.state in PAID) as order:
        if order is None:
            return False
        enter(hand, book, order, states.CANCELED, act="cancelled after payment")
        order.is_over = True
    return True


def cancel_lines(hand: Hand, book: Book, market: Market) -> bool:
    """The only line of an unpaid order is cancelled: the row is deleted, the totals become zero, then the state."""
    del market
    with book.orders.taken(hand.dice, lambda order: _is_editable(order, book) and len(order.lines) == 1) as order:
        if order is None:
            return False
        (line,) = order.lines
        before = order.totals
        hand.delete("order_detail", {"id_order_detail": line.line_id})
        _edit_cart(hand, order, line, 0)
        order.totals = Totals(Taxed())
        order.lines = []
        save_totals(hand, order)
        hand.pause(30)
        order.totals, order.is_over = before, True
        enter(hand, book, order, states.CANCELED, act="all lines cancelled", employee=0)
    return True


def cancel_unit(hand: Hand, book: Book, market: Market) -> bool:
    """One of several units of an unpaid order is cancelled: the line shrinks, then the totals."""
    del market
    with book.orders.taken(
        hand.dice, lambda order: _is_editable(order, book) and any(line.quantity > 1 for line in order.lines)
    ) as order:
        if order is None:
            return False
        line = next(line for line in order.lines if line.quantity > 1)
        before = line.item
        line.quantity -= 1
        line.item = replace(before, quantity=line.quantity)
        key = {"id_order_detail": line.line_id}
        hand.update("order_detail", key, product_quantity=line.quantity)
        _edit_cart(hand, order, line, line.quantity)
        hand.update(
            "order_detail", key, total_price_tax_incl=line.item.total_with_tax, total_price_tax_excl=line.item.total
        )
        hand.pause(40)
        products = Taxed(
            order.totals.products.net - before.total + line.item.total,
            order.totals.products.gross - before.total_with_tax + line.item.total_with_tax,
        )
        order.totals, order.is_edited = replace(order.totals, products=products), True
        save_totals(hand, order)
        order.saved_at = hand.stamped
        book.note(order.deed("one unit cancelled", None, at=hand.committed()))
        note_update(book, order, "content", at=hand.committed())
    return True


def notify_again(hand: Hand, book: Book, market: Market) -> bool:
    """A payment provider calls twice: a second, identical history row, and no second fact."""
    del market
    with book.orders.taken(hand.dice, lambda order: order.state == states.PAID) as order:
        if order is None:
            return False
        enter(hand, book, order, states.PAID, act="notified again", employee=0)
    return True


def set_by_sql(hand: Hand, book: Book, market: Market) -> bool:
    """An ERP cancels an order by UPDATE: no history row, no date_upd, nobody told."""
    del market
    with book.orders.taken(hand.dice, lambda order: order.state in UNPAID) as order:
        if order is None:
            return False
        hand.update("orders", {"id_order": order.order_id}, current_state=states.CANCELED)
        order.is_over = True
        note_update(book, order, "status", at=hand.committed())
        amount = cents(order.totals.paid.gross)
        # Who first sees it afterwards has only the save before it to go by.
        at, act = hand.committed(), "cancelled by an ERP's SQL"
        book.note(order.deed(act, "cancelled", at=at, amount=amount, began=order.saved_at))
    return True


def refund_by_state(hand: Hand, book: Book, market: Market) -> bool:
    """An order is set to Refunded: no slip, no amount anywhere; what is meant is all that was not given back yet."""
    del market
    with book.orders.taken(hand.dice, lambda order: order.state in PAID and order.totals.paid.gross > ZERO) as order:
        if order is None:
            return False
        enter(hand, book, order, states.REFUNDED, act="set to refunded")
        order.is_over = True
    return True


def _is_editable(order: Order, book: Book) -> bool:
    """Whether its lines may be cancelled here: unpaid, without a discount, told of, and not changed since.

    What an order held between two edits that follow one another at once, nobody can read afterwards.
    """
    return order.state in UNPAID and order.cart.voucher is None and not order.is_edited and book.is_told(order.order_id)


def _edit_cart(hand: Hand, order: Order, line: Line, quantity: int) -> None:
    """Editing an order edits its old cart too."""
    key = {
        "id_cart": order.cart.cart_id,
        "id_product": line.item.offer.product_id,
        "id_product_attribute": line.item.offer.variant_id,
    }
    if quantity:
        hand.update("cart_product", key, quantity=quantity)
    else:
        hand.delete("cart_product", key)
    hand.update("cart", {"id_cart": order.cart.cart_id}, date_upd=hand.stamp())
    hand.pause(40)
