-- Orders that entered a state since a moment, or without a date, by a span of the history's keys.
-- reads      PREFIX_order_history
-- served by  PRIMARY
SELECT DISTINCT h.id_order
FROM PREFIX_order_history AS h
WHERE
    h.id_order_history > :after_id
    AND h.id_order_history <= :until_id
    AND (h.date_add >= :since OR h.date_add < '1971-01-01')
