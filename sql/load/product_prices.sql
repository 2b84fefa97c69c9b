-- The catalogue's prices of products, once for each shop that has its own.
-- reads      PREFIX_product, PREFIX_product_shop
-- served by  PRIMARY
SELECT
    p.id_product,
    s.id_shop,
    p.reference,
    COALESCE(s.price, p.price) AS price
FROM PREFIX_product AS p
LEFT JOIN PREFIX_product_shop AS s
    ON p.id_product = s.id_product
WHERE p.id_product IN :ids
