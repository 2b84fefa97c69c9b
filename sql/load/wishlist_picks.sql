-- Notes of the module blockwishlist, with the cart into which the product went from the list, if it did.
-- reads      PREFIX_blockwishlist_statistics, PREFIX_cart
-- served by  PRIMARY
-- needs      PREFIX_blockwishlist_statistics
SELECT
    s.id_statistics,
    s.id_product,
    s.id_product_attribute,
    s.id_shop,
    s.id_cart,
    s.date_add,
    c.id_customer
FROM PREFIX_blockwishlist_statistics AS s
LEFT JOIN PREFIX_cart AS c
    ON s.id_cart = c.id_cart
WHERE s.id_statistics IN :ids
