-- Orders, one row each.
-- reads      PREFIX_orders
-- served by  PRIMARY
SELECT
    o.id_order,
    o.reference,
    o.id_shop,
    o.id_cart,
    o.id_customer,
    o.id_currency,
    o.conversion_rate,
    o.current_state,
    o.valid,
    o.payment,
    o.module,
    o.total_products,
    o.total_products_wt,
    o.total_discounts_tax_excl,
    o.total_discounts_tax_incl,
    o.total_shipping_tax_excl,
    o.total_shipping_tax_incl,
    o.total_wrapping_tax_excl,
    o.total_wrapping_tax_incl,
    o.total_paid_tax_incl,
    o.date_add,
    o.date_upd
FROM PREFIX_orders AS o
WHERE o.id_order IN :ids
