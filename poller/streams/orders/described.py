"""What order events say: every property of completed, cancelled and refunded, with the column or rule it comes from."""

from poller.core.vocabulary import EventType, Property
from poller.streams.described import COUNTERS
from poller.streams.orders.identity_described import IDENTITY
from poller.streams.orders.lines_described import LINES

COMPLETED, CANCELLED, REFUNDED = "Order Completed", "Order Cancelled", "Order Refunded"

_NO_RATE = "divided by `orders.conversion_rate`"
_NO_CURRENCY = "if the currency's row is gone"
_NO_DISCOUNT = "without discounts"

MONEY = (
    Property(
        name="total",
        kind="number",
        meaning="everything to be paid, or given back, tax included",
        source="`orders.total_paid_tax_incl`; of a refund its own",
    ),
    Property(
        name="subtotal",
        kind="number",
        meaning="after discounts, before tax, shipping and wrapping",
        source="`orders.total_products` less `orders.total_discounts_tax_excl`; of a refund its own",
    ),
    Property(
        name="shipping",
        kind="number",
        meaning="without tax",
        source="`orders.total_shipping_tax_excl`; of a slip `order_slip.total_shipping_tax_excl`",
    ),
    Property(name="tax", kind="number", meaning="what remains of the total", source="`total` less the other parts"),
    Property(
        name="wrapping",
        kind="number",
        meaning="without tax",
        source="`orders.total_wrapping_tax_excl`",
        absent="if zero",
    ),
    Property(
        name="currency",
        kind="string",
        meaning="the order's, as an upper-case ISO code",
        source="`currency.iso_code` by `orders.id_currency`",
        absent=_NO_CURRENCY,
    ),
    Property(name="presentment_amount", kind="number", meaning="`total`, as the customer saw it", source="as `total`"),
    Property(name="presentment_total", kind="number", meaning="the same", source="as `total`"),
    Property(
        name="presentment_currency",
        kind="string",
        meaning="the order's currency",
        source="as `currency`",
        absent=_NO_CURRENCY,
    ),
    Property(
        name="shop_currency",
        kind="string",
        meaning="the shop's default currency",
        source="`PS_CURRENCY_DEFAULT`",
        absent=_NO_CURRENCY,
    ),
    Property(name="shop_currency_total", kind="number", meaning="`total` in it", source=_NO_RATE),
    Property(name="shop_currency_subtotal", kind="number", meaning="`subtotal` in it", source=_NO_RATE),
)
"""`total` is `subtotal` + `shipping` + `tax` + `wrapping`, to the smallest coin."""

_BY_COUNTERS = "of refunds that only counters show"
CONTENT = (
    Property(
        name="products",
        kind="array",
        meaning="the lines: all of them; of a refund those given back",
        source="`order_detail`; of a slip `order_slip_detail`",
        absent="if there are none; " + _BY_COUNTERS,
        fields=LINES,
    ),
    Property(
        name="quantity",
        kind="integer",
        meaning="units in all lines",
        source="`order_detail.product_quantity`, `order_slip_detail.product_quantity`",
        absent=_BY_COUNTERS,
    ),
    *COUNTERS,
    Property(
        name="unsettled",
        kind="boolean",
        meaning="true: lines, totals and slips did not add up though nothing had moved for `settle`",
        source="rule: settling",
        absent="if they do",
    ),
)

DISCOUNTS = (
    Property(
        name="discount",
        kind="number",
        meaning="all discounts, without tax",
        source="`orders.total_discounts_tax_excl`",
        absent="if zero",
    ),
    Property(
        name="coupon",
        kind="string",
        meaning="codes, comma separated; a voucher without a code by its name",
        source="`cart_rule.code`, `order_cart_rule.name`",
        absent=_NO_DISCOUNT,
    ),
    Property(
        name="coupon_id",
        kind="string",
        meaning="the vouchers' ids, comma separated",
        source="`order_cart_rule.id_cart_rule`",
        absent=_NO_DISCOUNT,
    ),
    Property(
        name="discount_items",
        kind="array",
        meaning="each discount by itself",
        source="`order_cart_rule`",
        absent=_NO_DISCOUNT,
        fields=(
            Property(
                name="code",
                kind="string",
                meaning="its code, else its name",
                source="`cart_rule.code`, `order_cart_rule.name`",
                absent="if it has neither",
            ),
            Property(name="coupon_id", kind="string", meaning="the voucher", source="`order_cart_rule.id_cart_rule`"),
            Property(name="amount", kind="number", meaning="without tax", source="`order_cart_rule.value_tax_excl`"),
        ),
    ),
)

_REFUND = (
    Property(
        name="discount",
        kind="number",
        meaning="all discounts of the order, without tax",
        source="`orders.total_discounts_tax_excl`",
        absent="if zero; of refunds that do not give the whole order back at once",
    ),
    Property(
        name="refund_reason",
        kind="string",
        meaning="`credit slip`, `voucher`, `order refunded` (the state) or `refund without credit slip` (the counters)",
        source="what recorded it",
    ),
    Property(
        name="credit_slip_id",
        kind="string",
        meaning="the slip",
        source="`order_slip.id_order_slip`",
        absent="if no slip was issued",
    ),
    Property(
        name="refunded_as_voucher",
        kind="boolean",
        meaning="true: given back as a voucher, not as money",
        source="`cart_rule.code` `V…C…O…` of the same amount",
        absent="if money",
    ),
    Property(name="order_total", kind="number", meaning="what the order cost", source="`orders.total_paid_tax_incl`"),
    Property(
        name="refunded_total",
        kind="number",
        meaning="given back so far, this refund included",
        source="all refunds up to it",
    ),
    Property(
        name="is_full_refund",
        kind="boolean",
        meaning="whether nothing is left",
        source="`refunded_total` against `order_total`",
    ),
    Property(
        name="over_refunded",
        kind="boolean",
        meaning="true: more was given back than was paid",
        source="`refunded_total` above `order_total`",
        absent="if not",
    ),
)

_REASON = "`cancelled before payment`, or `cancelled after payment` if the state before was paid or logable"
_ORDER = (*IDENTITY, *MONEY, *CONTENT)

ORDER_EVENTS = (
    EventType(
        name=COMPLETED,
        group="order",
        one_for="order",
        happened="when its first state was recorded; with `order_completed_when: paid`, when it first reached a state "
        'with the flag "paid" or "logable"',
        properties=(
            *_ORDER,
            *DISCOUNTS,
            Property(
                name="revenue",
                kind="number",
                meaning="equals `subtotal`; on this event only, so that destinations book it once",
                source="as `subtotal`",
            ),
        ),
    ),
    EventType(
        name=CANCELLED,
        xcommerce="Order Canceled",
        group="order",
        one_for="entry into the state `PS_OS_CANCELED`, once the order is completed",
        happened="when that state was recorded",
        properties=(
            *_ORDER,
            *DISCOUNTS,
            Property(name="reason", kind="string", meaning=_REASON, source="`order_state.paid`, `order_state.logable`"),
            Property(name="cancel_reason", kind="string", meaning="the same", source="as `reason`"),
        ),
    ),
    EventType(
        name=REFUNDED,
        group="order",
        one_for="credit slip; entry into the state `PS_OS_REFUND` with something left to give back; refund that only "
        "the lines' counters show",
        happened="when the slip or the state was recorded; of counters, when they were noticed",
        properties=(*_ORDER, *_REFUND),
    ),
)
