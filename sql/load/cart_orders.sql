-- The orders that were made of carts: none, one or several.
-- reads      PREFIX_orders, PREFIX_carrier
-- served by  id_cart
SELECT
    o.id_cart,
    o.id_order,
    o.date_add,
    o.payment,
    k.name AS carrier
FROM PREFIX_orders AS o
LEFT JOIN PREFIX_carrier AS k
    ON o.id_carrier = k.id_carrier
WHERE o.id_cart IN :ids
ORDER BY o.id_order
