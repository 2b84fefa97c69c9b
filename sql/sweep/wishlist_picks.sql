-- Notes of the module blockwishlist: the cart is written into a row that is there already.
-- reads      PREFIX_blockwishlist_statistics
-- served by  PRIMARY
-- needs      PREFIX_blockwishlist_statistics
SELECT
    s.id_statistics,
    s.id_cart
FROM PREFIX_blockwishlist_statistics AS s
WHERE s.id_statistics IN :ids
