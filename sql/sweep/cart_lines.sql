-- The lines of carts, as one number each cart: some writers save a line and not its cart.
-- reads      PREFIX_cart_product
-- served by  PRIMARY
SELECT
    l.id_cart,
    COUNT(*) AS line_count,
    SUM(l.quantity) AS quantity,
    BIT_XOR(
        CAST(CONV(LEFT(MD5(CONCAT_WS('-', l.id_product, l.id_product_attribute, l.quantity)), 16), 16, 10) AS UNSIGNED)
    ) AS digest
FROM PREFIX_cart_product AS l
WHERE l.id_cart IN :ids
GROUP BY l.id_cart
