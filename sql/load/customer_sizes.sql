-- How many orders customers have: the lifetime counters of a customer with thousands would hurt the database.
-- reads      PREFIX_orders
-- served by  id_customer
SELECT
    o.id_customer,
    COUNT(*) AS orders
FROM PREFIX_orders AS o
WHERE o.id_customer IN :ids
GROUP BY o.id_customer
