-- The newest orders.
-- reads      PREFIX_orders
-- served by  PRIMARY
SELECT o.id_order
FROM PREFIX_orders AS o
ORDER BY o.id_order DESC
LIMIT :newest
