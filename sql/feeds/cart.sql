-- Carts that were created since the watermark: the row appears with the first product.
-- reads      PREFIX_cart
-- served by  PRIMARY
SELECT
    t.id_cart AS mark_id,
    t.id_cart AS key_id,
    t.date_add AS stamp
FROM PREFIX_cart AS t
WHERE
    t.id_cart > :after_id
    AND t.id_cart <= :until_id
ORDER BY t.id_cart
LIMIT :page_size
