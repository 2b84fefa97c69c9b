-- All orders of customers, as far as lifetime counters need them.
-- reads      PREFIX_orders
-- served by  id_customer
SELECT
    o.id_customer,
    o.id_order,
    o.id_shop,
    o.id_currency,
    o.valid,
    o.current_state,
    o.total_paid_tax_incl,
    o.conversion_rate
FROM PREFIX_orders AS o
WHERE o.id_customer IN :ids
ORDER BY o.id_order
