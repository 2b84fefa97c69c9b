-- What the module blockwishlist noted since the watermark: one row each time a product is put on a wishlist.
-- reads      PREFIX_blockwishlist_statistics
-- served by  PRIMARY
-- needs      PREFIX_blockwishlist_statistics
SELECT
    t.id_statistics AS mark_id,
    t.id_statistics AS key_id,
    t.date_add AS stamp
FROM PREFIX_blockwishlist_statistics AS t
WHERE
    t.id_statistics > :after_id
    AND t.id_statistics <= :until_id
ORDER BY t.id_statistics
LIMIT :page_size
