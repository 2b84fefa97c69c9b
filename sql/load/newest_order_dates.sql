-- When the newest orders were placed: how often this shop sells, and so how long a silence is unusual.
-- reads      PREFIX_orders
-- served by  PRIMARY
SELECT o.date_add
FROM PREFIX_orders AS o
ORDER BY o.id_order DESC
LIMIT :newest
