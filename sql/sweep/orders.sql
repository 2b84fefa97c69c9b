-- Orders, by what changes in them without telling anyone.
-- reads      PREFIX_orders
-- served by  PRIMARY
SELECT
    o.id_order,
    o.current_state,
    o.valid,
    o.id_customer,
    o.total_paid_tax_incl,
    o.total_products_wt,
    o.total_shipping_tax_incl,
    o.total_discounts_tax_incl
FROM PREFIX_orders AS o
WHERE o.id_order IN :ids
