"""What every order event says of which order it is."""

from poller.core.vocabulary import Property

IDENTITY = (
    Property(
        name="order_id",
        kind="string",
        meaning="the order; several orders may share a reference",
        source="`orders.id_order`",
    ),
    Property(
        name="reference",
        kind="string",
        meaning="what the customer sees",
        source="`orders.reference`",
        absent="if the shop gave none",
    ),
    Property(
        name="checkout_id",
        kind="string",
        meaning="the cart it was made of",
        source="`orders.id_cart`",
        absent="without a cart",
    ),
    Property(name="cart_id", kind="string", meaning="the same", source="`orders.id_cart`", absent="without a cart"),
    Property(name="affiliation", kind="string", meaning="the shop's name", source="`shop.name`"),
    Property(
        name="payment_method",
        kind="string",
        meaning="as shown to the customer",
        source="`orders.payment`",
        absent="if empty",
    ),
    Property(
        name="payment_gateway_xcommerce",
        kind="string",
        meaning="the payment module",
        source="`orders.module`",
        absent="if empty",
    ),
    Property(
        name="shipping_method",
        kind="string",
        meaning="the carrier's name",
        source="`carrier.name` by `order_carrier.id_carrier`",
        absent="without a carrier",
    ),
    Property(
        name="source_name",
        kind="string",
        meaning="`back_office` if an employee recorded the first state, else `web`",
        source="`order_history.id_employee`",
    ),
    Property(
        name="location",
        kind="string",
        meaning="the country the order is delivered to, as an ISO code",
        source="`country.iso_code` by `orders.id_address_delivery`",
        absent="without an address; with `privacy.address: none`",
    ),
    Property(
        name="order_status",
        kind="string",
        meaning="the present state's name",
        source="`order_state_lang.name` by `orders.current_state`",
        absent="if the state was deleted",
    ),
    Property(
        name="email", kind="string", meaning="the customer's", source="`customer.email`", absent="without a customer"
    ),
    Property(
        name="prestashop_customer_id_xcommerce",
        kind="string",
        meaning="the customer",
        source="`orders.id_customer`",
        absent="without a customer",
    ),
)
"""Which order it is, how it came about, who bought."""
