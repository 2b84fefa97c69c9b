-- Orders one by one: their state, when they were added, and the digest that sweep/order_blocks adds up.
-- reads      PREFIX_orders
-- served by  PRIMARY
SELECT
    o.id_order,
    o.current_state,
    o.date_add,
    CAST(CONV(LEFT(MD5(CONCAT_WS(
        '|', o.id_order, o.current_state, o.valid, o.id_customer,
        COALESCE(o.total_paid_tax_incl, '~'), COALESCE(o.total_products_wt, '~'),
        COALESCE(o.total_shipping_tax_incl, '~'), COALESCE(o.total_discounts_tax_incl, '~')
    )), 16), 16, 10) AS UNSIGNED) AS digest
FROM PREFIX_orders AS o
WHERE o.id_order IN :ids
