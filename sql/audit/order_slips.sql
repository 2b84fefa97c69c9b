-- What credit slips gave back.
-- reads      PREFIX_order_slip
-- served by  id_order
SELECT
    s.id_order,
    s.id_order_slip,
    s.order_slip_type,
    s.amount,
    s.shipping_cost_amount,
    s.total_products_tax_excl,
    s.total_products_tax_incl,
    s.total_shipping_tax_incl,
    s.date_add
FROM PREFIX_order_slip AS s
WHERE s.id_order IN :ids
ORDER BY s.id_order_slip
