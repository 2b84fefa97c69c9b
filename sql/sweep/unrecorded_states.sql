-- Orders in a state that their history does not know, and those that were placed lately and are not paid.
-- reads      PREFIX_orders, PREFIX_order_history
-- served by  PRIMARY
SELECT o.id_order
FROM PREFIX_orders AS o
WHERE
    o.id_order > :after_id
    AND o.id_order <= :until_id
    AND (
        (o.valid = 0 AND o.date_add >= :since)
        OR o.current_state <> COALESCE((
            SELECT h.id_order_state
            FROM PREFIX_order_history AS h
            WHERE h.id_order_history = (
                SELECT MAX(n.id_order_history)
                FROM PREFIX_order_history AS n
                WHERE n.id_order = o.id_order
            )
        ), 0)
    )
