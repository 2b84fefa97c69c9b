"""What is said of the cart's events before one is sent."""

from dataclasses import replace

from poller.core.vocabulary import EventType, Property

ADDED, REMOVED = "Product Added", "Product Removed"
APPLIED, COUPON_REMOVED = "Coupon Applied", "Coupon Removed"
STARTED, VIEWED, COMPLETED = "Checkout Started", "Checkout Step Viewed", "Checkout Step Completed"
PAYMENT = "Payment Info Entered"

NO_PRICE = "if the product is deleted"
CART = (
    Property(name="cart_id", kind="string", meaning="the cart", source="`cart.id_cart`"),
    Property(name="affiliation", kind="string", meaning="the shop's name", source="`shop.name`"),
    Property(
        name="source_name",
        kind="string",
        meaning="`web` for a visitor's cart, `back_office` for one made by an employee or a program",
        source="`cart.id_guest`",
    ),
    Property(
        name="email", kind="string", meaning="the customer's", source="`customer.email`", absent="without a customer"
    ),
    Property(
        name="prestashop_customer_id_xcommerce",
        kind="string",
        meaning="the customer",
        source="`cart.id_customer`",
        absent="without a customer",
    ),
)
PRODUCT = (
    Property(name="product_id", kind="string", meaning="the product", source="`cart_product.id_product`"),
    Property(name="prestashop_product_id", kind="string", meaning="the same", source="`cart_product.id_product`"),
    Property(
        name="prestashop_variant_id",
        kind="string",
        meaning="the combination",
        source="`cart_product.id_product_attribute`",
        absent="without a combination",
    ),
    Property(
        name="sku",
        kind="string",
        meaning="the combination's reference, else the product's",
        source="`product_attribute.reference`, `product.reference`",
        absent="if empty",
    ),
    Property(name="name", kind="string", meaning="its name, else `Product` and its id", source="`product_lang.name`"),
    Property(
        name="variant",
        kind="string",
        meaning="the combination's values, else its id or the product's: some destinations refuse a product without",
        source="`attribute_lang.name`",
    ),
    Property(name="brand", kind="string", meaning="the brand", source="`manufacturer.name`", absent="without one"),
    Property(
        name="category",
        kind="string",
        meaning="the default category",
        source="`category_lang.name`",
        absent="if deleted",
    ),
    Property(
        name="price",
        kind="number",
        meaning="the catalogue's: without tax, discounts and specific prices, in the shop's default currency",
        source="`product_shop.price` and `product_attribute_shop.price`",
        absent=NO_PRICE,
    ),
    Property(
        name="currency",
        kind="string",
        meaning="the price's: the shop's default",
        source="`PS_CURRENCY_DEFAULT`",
        absent=NO_PRICE,
    ),
    Property(name="url", kind="string", meaning="its page", source="`shop_url.domain`", absent=NO_PRICE),
    Property(
        name="image_url", kind="string", meaning="its cover picture", source="`image.id_image`", absent="without one"
    ),
)
BASIS = Property(
    name="price_basis",
    kind="string",
    meaning="always `catalogue`: what a shopper pays is worked out in PHP and stands nowhere before there is an order",
    source="the rule of `price`",
    absent=NO_PRICE,
)
TAGS = Property(name="tags", kind="array", meaning="its tags", source="`tag.name`", absent="without tags")
POSITION = Property(
    name="position",
    kind="integer",
    meaning="its place in the cart, from 1",
    source="order of `cart_product.date_add`",
    absent="if it left",
)
CODES = Property(
    name="coupon",
    kind="string",
    meaning="codes in the cart, comma separated",
    source="`cart_rule.code`",
    absent="without coupons",
)
_LINE = (
    *CART,
    *PRODUCT,
    BASIS,
    TAGS,
    POSITION,
    CODES,
    Property(
        name="quantity", kind="integer", meaning="how many were added, or removed", source="`cart_product.quantity`"
    ),
    Property(
        name="value", kind="number", meaning="price times quantity", source="the rule of `price`", absent=NO_PRICE
    ),
)
_COUPON = (
    replace(CART[0], absent="on an order that was made without one"),
    *CART[1:],
    Property(
        name="order_id",
        kind="string",
        meaning="the order, if it was put on one that was already placed: the back office does that",
        source="`order_cart_rule.id_order`",
        absent="of a coupon in a cart",
    ),
    Property(name="coupon_id", kind="string", meaning="the rule", source="`cart_cart_rule.id_cart_rule`"),
    Property(
        name="coupon_name",
        kind="string",
        meaning="its name, else its code",
        source="`cart_rule_lang.name`",
        absent="if deleted",
    ),
    Property(name="coupon", kind="string", meaning="its code", source="`cart_rule.code`", absent="without one"),
    Property(
        name="discount",
        kind="number",
        meaning="the amount the rule grants, at most; on an order, what it took off, without tax",
        source="`cart_rule.reduction_amount`, `order_cart_rule.value_tax_excl`",
        absent="if it grants none",
    ),
    Property(
        name="currency",
        kind="string",
        meaning="of the discount; on an order, the order's",
        source="`cart_rule.reduction_currency`, `orders.id_currency`",
        absent="without one",
    ),
    Property(
        name="discount_percent",
        kind="number",
        meaning="the percentage the rule grants",
        source="`cart_rule.reduction_percent`",
        absent="if it grants none",
    ),
    Property(
        name="free_shipping",
        kind="boolean",
        meaning="true: the rule gives free shipping",
        source="`cart_rule.free_shipping`",
        absent="if it does not",
    ),
)
_CHECKOUT = (
    Property(name="checkout_id", kind="string", meaning="the cart", source="`cart.id_cart`"),
    Property(
        name="order_id",
        kind="string",
        meaning="the first order made of it",
        source="`orders.id_order`",
        absent="before there is one",
    ),
)
_STEP = (
    *CART,
    *_CHECKOUT,
    Property(
        name="step",
        kind="integer",
        meaning="1 personal information, 2 addresses, 3 delivery, 4 payment; of a module's step its place",
        source="`cart.checkout_session_data`",
        absent="if the checkout writes no steps",
        since="1.7",
    ),
    Property(
        name="step_name",
        kind="string",
        meaning="the step",
        source="`cart.checkout_session_data`",
        absent="if the checkout writes no steps",
        since="1.7",
    ),
    Property(
        name="shipping_method",
        kind="string",
        meaning="the carrier",
        source="`carrier.name` by `cart.delivery_option`, or of the order",
        absent="before it was chosen",
    ),
    Property(
        name="payment_method",
        kind="string",
        meaning="as the order names it: the cart does not hold it",
        source="`orders.payment`",
        absent="before there is an order",
    ),
)
_NOTICED = "the cart's stamp if it moved, else when it was noticed: `cart.date_upd`"
CART_EVENTS = (
    EventType(
        name=ADDED,
        group="product",
        one_for="each time a line's quantity grew and stood `cart_settle`",
        happened="`cart_product.date_add` for a new line, else `cart.date_upd`, else when noticed",
        properties=_LINE,
    ),
    EventType(
        name=REMOVED,
        group="product",
        one_for="each time a line's quantity shrank, or the line left, and that stood `cart_settle`",
        happened=_NOTICED,
        properties=_LINE,
    ),
    EventType(
        name=APPLIED,
        group="checkout",
        one_for="each time a rule came into the cart, or onto an order that was already placed",
        happened=_NOTICED,
        properties=_COUPON,
    ),
    EventType(
        name=COUPON_REMOVED,
        group="checkout",
        one_for="each time a rule left the cart, or an order that was already placed",
        happened=_NOTICED,
        properties=_COUPON[: len(CART) + 3],
    ),
    EventType(
        name=STARTED,
        group="checkout",
        one_for="each cart with products whose checkout was opened, or that was ordered",
        happened=_NOTICED,
        properties=(
            *CART,
            *_CHECKOUT,
            Property(
                name="products",
                kind="array",
                meaning="what is in the cart",
                source="order of `cart_product.date_add`",
                absent="if it was emptied",
                fields=(*PRODUCT, TAGS, POSITION, _LINE[-2]),
            ),
            Property(name="quantity", kind="integer", meaning="units in the cart", source="`cart_product.quantity`"),
            Property(name="value", kind="number", meaning="prices times quantities", source="the rule of `price`"),
            BASIS,
            Property(name="currency", kind="string", meaning="of the value", source="`PS_CURRENCY_DEFAULT`"),
            CODES,
        ),
    ),
    EventType(
        name=VIEWED,
        group="checkout",
        one_for="each step of a cart's checkout, when it is first seen reachable",
        happened=_NOTICED,
        properties=_STEP,
    ),
    EventType(
        name=COMPLETED,
        group="checkout",
        one_for="each step of a cart's checkout, when it is first seen complete; the payment step with the order",
        happened=_NOTICED,
        properties=_STEP,
    ),
    EventType(
        name=PAYMENT,
        group="checkout",
        one_for="each cart that was ordered",
        happened="`orders.date_add`",
        properties=_STEP,
    ),
)
