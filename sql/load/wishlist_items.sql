-- Products on wishlists, with their lists, which may be deleted.
-- reads      PREFIX_wishlist_product, PREFIX_wishlist
-- served by  PRIMARY
-- needs      PREFIX_wishlist_product, PREFIX_wishlist
SELECT
    i.id_wishlist_product,
    i.id_wishlist,
    i.id_product,
    i.id_product_attribute,
    i.quantity,
    w.id_customer,
    w.id_shop,
    w.name,
    w.date_add
FROM PREFIX_wishlist_product AS i
LEFT JOIN PREFIX_wishlist AS w
    ON i.id_wishlist = w.id_wishlist
WHERE i.id_wishlist_product IN :ids
