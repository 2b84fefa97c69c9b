-- Orders of a span of keys that may have a fact since a moment: by their own dates, without one, or by a state nothing dates.
-- reads      PREFIX_orders, PREFIX_order_history
-- served by  PRIMARY
SELECT o.id_order
FROM PREFIX_orders AS o
WHERE
    o.id_order > :after_id
    AND o.id_order <= :until_id
    AND (
        o.date_add >= :since
        OR o.date_upd >= :since
        OR o.date_add < '1971-01-01'
        OR o.date_upd < '1971-01-01'
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
ORDER BY o.id_order
