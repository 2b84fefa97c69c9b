-- When products were put on wishlists, newest first: the rows of the lists themselves have no date.
-- reads      PREFIX_blockwishlist_statistics
-- served by  PRIMARY
-- needs      PREFIX_blockwishlist_statistics
SELECT
    s.id_product,
    s.id_product_attribute,
    s.date_add
FROM PREFIX_blockwishlist_statistics AS s
ORDER BY s.id_statistics DESC
LIMIT :newest
