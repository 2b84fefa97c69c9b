-- What the catalogue says of products, in one language, once for each shop that has them.
-- reads      PREFIX_product, PREFIX_product_lang, PREFIX_category_lang, PREFIX_manufacturer
-- served by  PRIMARY
SELECT
    p.id_product,
    l.id_shop,
    l.name,
    m.name AS brand,
    c.name AS category,
    l.link_rewrite,
    c.link_rewrite AS category_rewrite,
    p.ean13
FROM PREFIX_product AS p
LEFT JOIN PREFIX_product_lang AS l
    ON p.id_product = l.id_product AND l.id_lang = :lang_id
LEFT JOIN PREFIX_category_lang AS c
    ON p.id_category_default = c.id_category AND l.id_shop = c.id_shop AND c.id_lang = :lang_id
LEFT JOIN PREFIX_manufacturer AS m
    ON p.id_manufacturer = m.id_manufacturer
WHERE p.id_product IN :ids
