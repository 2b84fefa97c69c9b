"""Refunds by credit slip: rows of their own, then counters on the lines; the order's own row is never touched."""

from decimal import Decimal

from poller.demo import states
from poller.demo.book import Book, Line, Order
from poller.demo.hand import Hand
from poller.demo.market import Market
from poller.demo.pricing import ZERO, Taxed, cents
from poller.demo.states import mail

REFUNDABLE = (states.PAID, states.PREPARATION, states.SHIPPED, states.DELIVERED)


def refund_unit(hand: Hand, book: Book, market: Market) -> bool:
    """One unit is refunded by a credit slip, at times with the shipping; the order's own row is not touched."""
    del market
    return _refunded(hand, book, act="refunded by a credit slip", is_voucher=False)


def refund_as_voucher(hand: Hand, book: Book, market: Market) -> bool:
    """One unit is refunded by a slip, and the money becomes a voucher."""
    del market
    return _refunded(hand, book, act="refunded as a voucher", is_voucher=True)


def _refunded(hand: Hand, book: Book, *, act: str, is_voucher: bool) -> bool:
    def fits(order: Order) -> bool:
        return order.state in REFUNDABLE and _refundable(order) is not None

    with book.orders.taken(hand.dice, fits) as order:
        line = _refundable(order) if order else None
        if order is None or line is None:
            return False
        has_shipping = not order.is_shipping_refunded and hand.dice.random() < 0.3
        shipping = order.totals.shipping if has_shipping else Taxed()
        amount = _slip(hand, order, line, shipping)
        stamped = hand.stamped
        order.is_shipping_refunded = order.is_shipping_refunded or has_shipping
        order.given_back += amount
        # The slip is a fact as soon as its rows are there; the e-mail and the counters come after.
        deed = order.deed(act, "refunded", at=hand.committed(), amount=amount, began=stamped, dated=stamped)
        mail(hand, book, order.customer, "credit_slip")
        _count(hand, order, line)
        if is_voucher:
            _voucher(hand, order, amount)
        book.note(deed)
    return True


def _refundable(order: Order) -> Line | None:
    """A line with a unit left to refund, as long as the slips stay below what was paid."""
    for line in order.lines:
        costs = line.item.unit_with_tax + order.totals.shipping.gross
        if line.refunded < line.quantity and order.given_back + costs <= order.totals.paid.gross:
            return line
    return None


def _slip(hand: Hand, order: Order, line: Line, shipping: Taxed) -> Decimal:
    net, gross, now = line.item.unit, line.item.unit_with_tax, hand.stamp()
    slip_id = hand.insert(
        "order_slip",
        conversion_rate=order.currency.rate,
        id_customer=order.customer.customer_id,
        id_order=order.order_id,
        total_products_tax_excl=net,
        total_products_tax_incl=gross,
        total_shipping_tax_excl=shipping.net,
        total_shipping_tax_incl=shipping.gross,
        shipping_cost=int(shipping.gross > ZERO),
        amount=gross,
        shipping_cost_amount=shipping.gross,
        partial=0,
        order_slip_type=2 if shipping.gross else 0,
        date_add=now,
        date_upd=now,
    )
    hand.pause(1)
    hand.insert(
        "order_slip_detail",
        id_order_slip=slip_id,
        id_order_detail=line.line_id,
        product_quantity=1,
        unit_price_tax_excl=net,
        unit_price_tax_incl=gross,
        total_price_tax_excl=net,
        total_price_tax_incl=gross,
        amount_tax_excl=net,
        amount_tax_incl=gross,
    )
    return cents(gross + shipping.gross)


def _count(hand: Hand, order: Order, line: Line) -> None:
    """The line's counters; a unit that was delivered counts as returned, not as refunded."""
    line.refunded += 1
    column = "product_quantity_return" if order.state == states.DELIVERED else "product_quantity_refunded"
    hand.run(
        f"UPDATE PREFIX_order_detail SET {column} = {column} + 1, "  # noqa: S608 - one of two names of our own
        "total_refunded_tax_excl = total_refunded_tax_excl + %s, "
        "total_refunded_tax_incl = total_refunded_tax_incl + %s WHERE id_order_detail = %s",
        line.item.unit,
        line.item.unit_with_tax,
        line.line_id,
    )


def _voucher(hand: Hand, order: Order, amount: Decimal) -> None:
    """The voucher a refund becomes: its code holds its own number, so it is written twice."""
    ending = f"C{order.customer.customer_id}O{order.order_id}"
    now = hand.stamp()
    rule_id = hand.insert(
        "cart_rule",
        id_customer=order.customer.customer_id,
        date_from=now,
        date_to="2099-12-31 23:59:59",
        description=f"Credit slip for order #{order.order_id}",
        quantity=1,
        quantity_per_user=1,
        code=f"V0{ending}",
        reduction_amount=amount,
        reduction_tax=1,
        reduction_currency=order.currency.currency_id,
        active=1,
        date_add=now,
        date_upd=now,
    )
    hand.insert("cart_rule_lang", id_cart_rule=rule_id, id_lang=1, name=f"V0{ending}")
    hand.pause(4)
    hand.update("cart_rule", {"id_cart_rule": rule_id}, code=f"V{rule_id}{ending}", date_upd=now)
    hand.update("cart_rule_lang", {"id_cart_rule": rule_id}, name=f"V{rule_id}{ending}")
