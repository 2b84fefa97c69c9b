-- The orders that were made of carts: none, one or several.
-- reads      PREFIX_orders
-- served by  id_cart
SELECT
    o.id_cart,
    o.id_order
FROM PREFIX_orders AS o
WHERE o.id_cart IN :ids
ORDER BY o.id_order
