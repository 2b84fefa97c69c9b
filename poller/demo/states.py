"""An order enters a state: the statements of PrestaShop's OrderHistory in their order, the history row last."""

import time
from dataclasses import dataclass
from datetime import datetime

from poller.demo.book import Book, Customer, FactKind, Order
from poller.demo.hand import Hand
from poller.demo.pricing import ZERO, cents

CHEQUE, PAID, PREPARATION, SHIPPED, DELIVERED, CANCELED, REFUNDED, ERROR = range(1, 9)
BACKORDER_PAID, WIRE, REMOTE_PAID, BACKORDER_UNPAID, CASH_ON_DELIVERY = range(9, 14)


@dataclass(frozen=True, slots=True)
class Flags:
    """What a state means (`order_state`)."""

    is_logable: bool = False
    is_paid: bool = False
    has_invoice: bool = False
    has_delivery: bool = False
    template: str = ""


STATES = {
    CHEQUE: Flags(template="cheque"),
    PAID: Flags(is_logable=True, is_paid=True, has_invoice=True, template="payment"),
    PREPARATION: Flags(is_logable=True, is_paid=True, has_invoice=True, has_delivery=True, template="preparation"),
    SHIPPED: Flags(is_logable=True, is_paid=True, has_invoice=True, has_delivery=True, template="shipped"),
    DELIVERED: Flags(is_logable=True, is_paid=True, has_invoice=True, has_delivery=True),
    CANCELED: Flags(template="order_canceled"),
    REFUNDED: Flags(has_invoice=True, template="refund"),
    ERROR: Flags(template="payment_error"),
    BACKORDER_PAID: Flags(is_paid=True, has_invoice=True, template="outofstock"),
    WIRE: Flags(template="bankwire"),
    REMOTE_PAID: Flags(is_logable=True, is_paid=True, has_invoice=True, template="payment"),
    BACKORDER_UNPAID: Flags(template="outofstock"),
    CASH_ON_DELIVERY: Flags(),
}


def enter(hand: Hand, book: Book, order: Order, state: int, *, act: str, employee: int = 1) -> None:
    """Give an order a state, and log the fact this makes."""
    flags, key = STATES[state], {"id_order": order.order_id}
    hand.update("orders", key, current_state=state, valid=int(flags.is_logable), date_upd=hand.stamp())
    began = hand.stamped
    hand.pause(20)
    if flags.has_invoice and not order.invoice_id:
        _invoice(hand, order)
    if flags.is_paid and not order.purchase.has_payment:
        pay(hand, order)
    if flags.has_delivery:
        hand.update("orders", key, delivery_number=order.order_id, delivery_date=hand.stamp())
    hand.pause(10)
    hand.insert(
        "order_history", id_employee=employee, id_order=order.order_id, id_order_state=state, date_add=hand.stamp()
    )
    before, order.state, order.saved_at = order.state, state, hand.stamped
    _log(hand, book, order, before, act=act, began=began)
    if flags.template:
        mail(hand, book, order.customer, flags.template)


def pay(hand: Hand, order: Order) -> None:
    """The payment row and what follows from it; it names the reference, so a split order's second part gets none."""
    order.purchase.has_payment = True
    amount = order.totals.paid.gross
    payment_id = hand.insert(
        "order_payment",
        order_reference=order.purchase.reference,
        id_currency=order.currency.currency_id,
        amount=amount,
        payment_method=order.payment,
        conversion_rate=order.currency.rate,
        transaction_id="",
        date_add=hand.stamp(),
    )
    hand.update("orders", {"id_order": order.order_id}, total_paid_real=amount, date_upd=hand.stamp())
    if order.invoice_id:
        hand.insert(
            "order_invoice_payment",
            id_order_invoice=order.invoice_id,
            id_order_payment=payment_id,
            id_order=order.order_id,
        )


def mail(hand: Hand, book: Book, customer: Customer, template: str) -> None:
    """A sent e-mail's record, after the mail server's round trip."""
    hand.pause(60)
    with customer.letterbox:
        hand.insert(
            "mail",
            recipient=customer.email,
            template=template,
            subject="[Maison Demo]",
            id_lang=1,
            date_add=hand.stamp(),
        )
        customer.mailed = time.monotonic()
    subject = f"customer {customer.customer_id}"
    at = hand.committed()
    book.note_beside("mailed", "Email Sent", subject, at=at, customer_id=customer.customer_id, detail=template)


def _invoice(hand: Hand, order: Order) -> None:
    totals, key, now = order.totals, {"id_order": order.order_id}, hand.stamp()
    order.invoice_id = hand.insert(
        "order_invoice",
        id_order=order.order_id,
        number=0,
        delivery_number=0,
        delivery_date="0000-00-00 00:00:00",
        total_discount_tax_excl=totals.discounts.net,
        total_discount_tax_incl=totals.discounts.gross,
        total_paid_tax_excl=totals.paid.net,
        total_paid_tax_incl=totals.paid.gross,
        total_products=totals.products.net,
        total_products_wt=totals.products.gross,
        total_shipping_tax_excl=totals.shipping.net,
        total_shipping_tax_incl=totals.shipping.gross,
        shipping_tax_computation_method=0,
        total_wrapping_tax_excl=totals.wrapping.net,
        total_wrapping_tax_incl=totals.wrapping.gross,
        shop_address="Maison Demo",
        note="",
        date_add=now,
    )
    hand.update("order_invoice", {"id_order_invoice": order.invoice_id}, number=order.invoice_id)
    hand.update("order_carrier", {"id_order_carrier": order.carrier_row_id}, id_order_invoice=order.invoice_id)
    for line in order.lines:
        hand.update("order_detail", {"id_order_detail": line.line_id}, id_order_invoice=order.invoice_id)
    hand.update("orders", key, invoice_number=order.invoice_id, invoice_date=now, date_upd=now)


def note_update(book: Book, order: Order, changed: str, *, at: datetime) -> None:
    """Log that an order which was completed is another one now."""
    subject = f"order {order.order_id}"
    book.note_beside("updated", "Order Updated", subject, at=at, order_id=order.order_id, detail=changed)


def _log(hand: Hand, book: Book, order: Order, before: int, *, act: str, began: datetime | None) -> None:
    """Which fact the transition is: the first state that is no payment error completes the order."""
    total = cents(order.totals.paid.gross)
    left = total - order.given_back
    kind: FactKind | None = None
    if order.is_completed and order.state != before:
        note_update(book, order, "status", at=hand.committed())
    if not order.is_completed and order.state != ERROR:
        order.is_completed = True
        kind, amount = "completed", total
    elif order.state == CANCELED != before:
        kind, amount = "cancelled", total
    elif order.state == REFUNDED != before and left > ZERO:
        order.given_back += left
        kind, amount = "refunded", left
    else:
        amount = ZERO
    book.note(order.deed(act, kind, at=hand.committed(), amount=amount, began=began, dated=hand.stamped))
