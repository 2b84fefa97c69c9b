-- Orders that got a credit slip since the watermark: refunds touch nothing else of the order.
-- reads      PREFIX_order_slip
-- served by  PRIMARY
SELECT
    t.id_order_slip AS mark_id,
    t.id_order AS key_id,
    t.date_add AS stamp
FROM PREFIX_order_slip AS t
WHERE
    t.id_order_slip > :after_id
    AND t.id_order_slip <= :until_id
ORDER BY t.id_order_slip
LIMIT :page_size
