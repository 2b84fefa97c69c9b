-- Orders that got a payment since the watermark; of a split order the first one, since payments name the reference.
-- reads      PREFIX_order_payment, PREFIX_orders
-- served by  PRIMARY
SELECT
    t.id_order_payment AS mark_id,
    (
        SELECT MIN(o.id_order)
        FROM PREFIX_orders AS o
        WHERE o.reference = t.order_reference
    ) AS key_id,
    t.date_add AS stamp
FROM PREFIX_order_payment AS t
WHERE
    t.id_order_payment > :after_id
    AND t.id_order_payment <= :until_id
ORDER BY t.id_order_payment
LIMIT :page_size
