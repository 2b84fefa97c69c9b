"""A checkout is confirmed: the statements of PrestaShop's validateOrder, in the order of a live shop's binary log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from poller.demo import states
from poller.demo.book import Book, Cart, Customer, Deed, Line, Order, Purchase
from poller.demo.hand import NO_TIME, Hand
from poller.demo.pricing import VAT_PERCENT, Carrier, Item, Totals, Voucher, stored, totals

Crash: TypeAlias = Literal["", "after the order", "after a line", "between the orders"]


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment module, the name shoppers see, and the state its orders begin with."""

    module: str
    name: str
    state: int


CHEQUE = Payment("ps_checkpayment", "Payment by check", states.CHEQUE)
WIRE = Payment("ps_wirepayment", "Bank transfer", states.WIRE)
CASH = Payment("ps_cashondelivery", "Cash on delivery", states.CASH_ON_DELIVERY)
CARD = Payment("demo_card", "Card", states.PAID)
REFUSED_CARD = Payment("demo_card", "Card", states.ERROR)
FREE = Payment("free_order", "Free order", states.PAID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A cart with its customer, as the shopper presses the button."""

    act: str
    cart: Cart
    customer: Customer
    payment: Payment
    carrier: Carrier
    is_wrapped: bool = False
    parts: int = 1
    is_short_of_stock: bool = False
    crash: Crash = ""


def confirm(hand: Hand, book: Book, plan: Confirmation) -> None:
    """Make the orders of a cart: all rows of all parts first, then each part's state, history and e-mails."""
    items = [Item(offer, quantity, plan.cart.currency.rate) for offer, quantity in plan.cart.quantities.items()]
    purchase = Purchase("".join(hand.dice.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=9)))
    plan.customer.is_bound = True
    plan.cart.is_over = True
    orders = []
    for part in range(plan.parts):
        order = _rows(hand, plan, purchase, items[part :: plan.parts])
        if order is None:
            book.note(Deed(act=plan.act, kind=None, at=hand.committed(), customer_id=plan.customer.customer_id))
            return
        orders.append(order)
    if states.STATES[plan.payment.state].is_logable and orders[-1].totals.paid.gross:
        states.pay(hand, orders[-1])
    for order in orders:
        states.enter(hand, book, order, plan.payment.state, act=plan.act, employee=0)
        if plan.is_short_of_stock:
            is_paid = states.STATES[plan.payment.state].is_paid
            short = states.BACKORDER_PAID if is_paid else states.BACKORDER_UNPAID
            states.enter(hand, book, order, short, act="on backorder", employee=0)
        states.mail(hand, book, plan.customer, "order_conf")
        book.orders.add(order)
        if plan.crash:
            return


def _rows(hand: Hand, plan: Confirmation, purchase: Purchase, items: Sequence[Item]) -> Order | None:
    """The order row at state 0, its lines, its carrier, its voucher; None if PHP was killed in between."""
    cart = plan.cart
    amounts = totals(
        items, currency=cart.currency, carrier=plan.carrier, voucher=cart.voucher, is_wrapped=plan.is_wrapped
    )
    order_id = _order_row(hand, plan, purchase, amounts)
    hand.pause(8)
    if plan.crash == "after the order":
        return None
    lines = []
    for item in items:
        lines.append(Line(line_id=_line_row(hand, order_id, item), item=item, quantity=item.quantity))
        hand.pause(2)
        if plan.crash == "after a line":
            return None
    carrier_row_id = hand.insert(
        "order_carrier",
        id_order=order_id,
        id_carrier=plan.carrier.carrier_id,
        id_order_invoice=0,
        weight="0.350000",
        shipping_cost_tax_excl=amounts.shipping.net,
        shipping_cost_tax_incl=amounts.shipping.gross,
        tracking_number="",
        date_add=hand.stamp(),
    )
    if cart.voucher:
        _voucher_row(hand, order_id, cart.voucher, amounts)
    return Order(
        order_id=order_id,
        purchase=purchase,
        cart=cart,
        customer=plan.customer,
        currency=cart.currency,
        totals=amounts,
        payment=plan.payment.name,
        lines=lines,
        carrier_row_id=carrier_row_id,
    )


def _order_row(hand: Hand, plan: Confirmation, purchase: Purchase, amounts: Totals) -> int:
    cart, customer, now = plan.cart, plan.customer, hand.stamp()
    return hand.insert(
        "orders",
        reference=purchase.reference,
        id_shop_group=1,
        id_shop=1,
        id_carrier=plan.carrier.carrier_id,
        id_lang=1,
        id_customer=customer.customer_id,
        id_cart=cart.cart_id,
        id_currency=cart.currency.currency_id,
        id_address_delivery=customer.address_id,
        id_address_invoice=customer.address_id,
        current_state=0,
        secure_key=customer.secure_key,
        payment=plan.payment.name,
        conversion_rate=cart.currency.rate,
        module=plan.payment.module,
        gift=int(plan.is_wrapped),
        gift_message="",
        **_amounts(amounts),
        total_paid_real=0,
        carrier_tax_rate=VAT_PERCENT,
        round_mode=2,
        round_type=2,
        invoice_date=NO_TIME,
        delivery_date=NO_TIME,
        valid=0,
        date_add=now,
        date_upd=now,
    )


def _amounts(amounts: Totals) -> dict[str, object]:
    """The money columns of `orders`, but for what was really paid."""
    return {
        "total_discounts": amounts.discounts.gross,
        "total_discounts_tax_incl": amounts.discounts.gross,
        "total_discounts_tax_excl": amounts.discounts.net,
        "total_paid": amounts.paid.gross,
        "total_paid_tax_incl": amounts.paid.gross,
        "total_paid_tax_excl": amounts.paid.net,
        "total_products": amounts.products.net,
        "total_products_wt": amounts.products.gross,
        "total_shipping": amounts.shipping.gross,
        "total_shipping_tax_incl": amounts.shipping.gross,
        "total_shipping_tax_excl": amounts.shipping.net,
        "total_wrapping": amounts.wrapping.gross,
        "total_wrapping_tax_incl": amounts.wrapping.gross,
        "total_wrapping_tax_excl": amounts.wrapping.net,
    }


def save_totals(hand: Hand, order: Order) -> None:
    """Write an order's amounts again, as an edit in the back office does."""
    hand.update("orders", {"id_order": order.order_id}, **_amounts(order.totals), date_upd=hand.stamp())


def _line_row(hand: Hand, order_id: int, item: Item) -> int:
    offer = item.offer
    return hand.insert(
        "order_detail",
        id_order=order_id,
        id_order_invoice=0,
        id_shop=1,
        product_id=offer.product_id,
        product_attribute_id=offer.variant_id,
        product_name=offer.name,
        product_quantity=item.quantity,
        product_quantity_in_stock=item.quantity,
        product_price=item.unit,
        product_reference=offer.reference,
        product_weight="0.350000",
        id_tax_rules_group=1,
        tax_name="",
        download_deadline=NO_TIME,
        total_price_tax_incl=item.total_with_tax,
        total_price_tax_excl=item.total,
        unit_price_tax_incl=item.unit_with_tax,
        unit_price_tax_excl=item.unit,
        original_product_price=stored(offer.price),
    )


def _voucher_row(hand: Hand, order_id: int, voucher: Voucher, amounts: Totals) -> None:
    hand.insert(
        "order_cart_rule",
        id_order=order_id,
        id_cart_rule=voucher.rule_id,
        id_order_invoice=0,
        name=voucher.name,
        value=amounts.discounts.gross,
        value_tax_excl=amounts.discounts.net,
        free_shipping=int(voucher.is_shipping_free),
        deleted=0,
    )
    hand.run(
        "UPDATE PREFIX_cart_rule SET quantity = quantity - 1, date_upd = %s WHERE id_cart_rule = %s",
        hand.stamp(),
        voucher.rule_id,
    )
