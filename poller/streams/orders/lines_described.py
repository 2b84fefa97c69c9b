"""What an order event says of each product line."""

from poller.core.vocabulary import Property

LINES = (
    Property(name="product_id", kind="string", meaning="the product", source="`order_detail.product_id`"),
    Property(name="prestashop_product_id", kind="string", meaning="the same", source="`order_detail.product_id`"),
    Property(
        name="prestashop_variant_id",
        kind="string",
        meaning="the combination",
        source="`order_detail.product_attribute_id`",
        absent="without one",
    ),
    Property(
        name="sku",
        kind="string",
        meaning="the reference, when it was ordered",
        source="`order_detail.product_reference`",
        absent="if empty",
    ),
    Property(
        name="name",
        kind="string",
        meaning="of the product; of a deleted one, the name when it was ordered",
        source="`product_lang.name`, `order_detail.product_name`",
    ),
    Property(
        name="variant",
        kind="string",
        meaning="the combination's attributes, `Red / L`; without any, the variant's or the product's id (Braze "
        "refuses an order of which one line has none)",
        source="`attribute_lang.name`",
    ),
    Property(name="brand", kind="string", meaning="the brand", source="`manufacturer.name`", absent="without one"),
    Property(
        name="category",
        kind="string",
        meaning="the default category's name",
        source="`category_lang.name`",
        absent="if the product is gone",
    ),
    Property(
        name="price",
        kind="number",
        meaning="of one unit, without tax, as charged; of a slip as refunded",
        source="`order_detail.unit_price_tax_excl`, `order_slip_detail.amount_tax_excl`",
    ),
    Property(
        name="price_tax_incl",
        kind="number",
        meaning="with tax",
        source="`order_detail.unit_price_tax_incl`, `order_slip_detail.amount_tax_incl`",
    ),
    Property(
        name="compare_at_price",
        kind="number",
        meaning="list price without tax",
        source="`order_detail.original_product_price`",
        absent="if not above `price`",
    ),
    Property(
        name="currency",
        kind="string",
        meaning="the order's, on every line: some destinations take dollars otherwise",
        source="`currency.iso_code` by `orders.id_currency`",
        absent="if the currency's row is gone",
    ),
    Property(name="presentment_amount", kind="number", meaning="as the customer saw it", source="as `price_tax_incl`"),
    Property(
        name="presentment_currency",
        kind="string",
        meaning="the order's currency",
        source="as `currency`",
        absent="if the currency's row is gone",
    ),
    Property(
        name="quantity",
        kind="integer",
        meaning="units ordered; of a refund, given back",
        source="`order_detail.product_quantity`, `order_slip_detail.product_quantity`",
    ),
    Property(
        name="position",
        kind="integer",
        meaning="of the line in the order, from 1",
        source="order of `order_detail.id_order_detail`",
    ),
    Property(
        name="coupon",
        kind="string",
        meaning="the order's",
        source="`cart_rule.code`, `order_cart_rule.name`",
        absent="without discounts; on refunds by slip",
    ),
    Property(name="tags", kind="array", meaning="the product's tags", source="`tag.name`", absent="without tags"),
    Property(
        name="url",
        kind="string",
        meaning="in the form every version resolves",
        source="`shop_url.domain`, `order_detail.product_id`",
        absent="if the product is gone",
    ),
    Property(
        name="image_url",
        kind="string",
        meaning="the cover picture",
        source="`image.id_image`",
        absent="without one",
    ),
    Property(
        name="product_properties",
        kind="array",
        meaning="what the customer wrote into text fields",
        source="`customized_data.value` by `order_detail.id_customization`",
        absent="without any",
        since="1.7",
        fields=(
            Property(
                name="name",
                kind="string",
                meaning="the field's name, else `field` and its number",
                source="`customization_field_lang.name`",
            ),
            Property(
                name="value", kind="string", meaning="the text", source="`customized_data.value`", absent="if empty"
            ),
        ),
    ),
)
"""Every line of `products`; what a message that is too long loses of them is in core.packing."""
