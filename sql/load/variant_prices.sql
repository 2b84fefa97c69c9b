-- What combinations add to their products' prices, once for each shop that has its own.
-- reads      PREFIX_product_attribute, PREFIX_product_attribute_shop
-- served by  PRIMARY
SELECT
    a.id_product_attribute,
    s.id_shop,
    a.reference,
    COALESCE(s.price, a.price) AS price
FROM PREFIX_product_attribute AS a
LEFT JOIN PREFIX_product_attribute_shop AS s
    ON a.id_product_attribute = s.id_product_attribute
WHERE a.id_product_attribute IN :ids
