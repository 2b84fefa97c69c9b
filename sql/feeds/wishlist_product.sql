-- Products that were put on wishlists since the watermark (module blockwishlist); the rows have no date.
-- reads      PREFIX_wishlist_product
-- served by  PRIMARY
-- needs      PREFIX_wishlist_product
SELECT
    t.id_wishlist_product AS mark_id,
    t.id_wishlist_product AS key_id,
    CONCAT('9999-12-31 ', t.id_wishlist) AS stamp
FROM PREFIX_wishlist_product AS t
WHERE
    t.id_wishlist_product > :after_id
    AND t.id_wishlist_product <= :until_id
ORDER BY t.id_wishlist_product
LIMIT :page_size
