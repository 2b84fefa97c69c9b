-- Orders by what the audit counts.
-- reads      PREFIX_orders
-- served by  PRIMARY
SELECT
    o.id_order,
    o.id_shop,
    o.id_customer,
    o.id_currency,
    o.current_state,
    o.total_paid_tax_incl,
    o.total_products,
    o.total_discounts_tax_excl,
    o.date_add,
    o.date_upd
FROM PREFIX_orders AS o
WHERE o.id_order IN :ids
ORDER BY o.id_order
