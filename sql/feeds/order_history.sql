-- Orders whose history grew since the watermark: the row written last when an order is placed or changes state.
-- reads      PREFIX_order_history
-- served by  PRIMARY
SELECT
    t.id_order_history AS mark_id,
    t.id_order AS key_id,
    t.date_add AS stamp
FROM PREFIX_order_history AS t
WHERE
    t.id_order_history > :after_id
    AND t.id_order_history <= :until_id
ORDER BY t.id_order_history
LIMIT :page_size
