-- The products that were put on wishlists last, newest first, and whose lists they are.
-- reads      PREFIX_wishlist_product, PREFIX_wishlist
-- served by  PRIMARY
-- needs      PREFIX_wishlist_product, PREFIX_wishlist
SELECT
    i.id_wishlist_product,
    i.id_wishlist,
    i.id_product,
    i.id_product_attribute,
    w.id_customer,
    w.name
FROM PREFIX_wishlist_product AS i
LEFT JOIN PREFIX_wishlist AS w
    ON i.id_wishlist = w.id_wishlist
ORDER BY i.id_wishlist_product DESC
LIMIT :newest
