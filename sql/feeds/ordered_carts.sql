-- Carts of which orders were made since the watermark: an order does not touch its cart.
-- reads      PREFIX_orders
-- served by  PRIMARY
SELECT
    t.id_order AS mark_id,
    t.id_cart AS key_id,
    t.date_add AS stamp
FROM PREFIX_orders AS t
WHERE
    t.id_order > :after_id
    AND t.id_order <= :until_id
ORDER BY t.id_order
LIMIT :page_size
