-- Orders with a credit slip since a moment, or without a date, by a span of the slips' keys.
-- reads      PREFIX_order_slip
-- served by  PRIMARY
SELECT DISTINCT s.id_order
FROM PREFIX_order_slip AS s
WHERE
    s.id_order_slip > :after_id
    AND s.id_order_slip <= :until_id
    AND (s.date_add >= :since OR s.date_add < '1971-01-01')
