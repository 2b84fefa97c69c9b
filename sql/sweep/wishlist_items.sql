-- Products on wishlists: one that was taken off leaves nothing but its absence.
-- reads      PREFIX_wishlist_product
-- served by  PRIMARY
-- needs      PREFIX_wishlist_product
SELECT
    i.id_wishlist_product,
    i.id_wishlist
FROM PREFIX_wishlist_product AS i
WHERE i.id_wishlist_product IN :ids
