-- Carts of one shop that were saved since the mark: stamps are the shop's local time, so an overlap is read again.
-- reads      PREFIX_cart
-- served by  id_shop_2
SELECT
    t.date_upd AS stamp,
    t.id_cart AS key_id
FROM PREFIX_cart AS t
WHERE
    t.id_shop = :shop_id
    AND t.date_upd >= :since
    AND (t.date_upd > :since OR t.id_cart > :after_id)
ORDER BY t.date_upd, t.id_cart
LIMIT :page_size
