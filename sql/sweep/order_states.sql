-- Orders by blocks of a thousand keys: a sum over their states, from the index on the state alone.
-- reads      PREFIX_orders
-- served by  current_state
SELECT
    o.id_order DIV 1000 AS block,
    SUM(CRC32(CONCAT(o.id_order, ':', o.current_state))) AS states
FROM PREFIX_orders AS o
WHERE o.current_state IN :ids AND o.id_order > :after_id AND o.id_order <= :until_id
GROUP BY o.id_order DIV 1000
