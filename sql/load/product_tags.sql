-- The tags of products, in one language.
-- reads      PREFIX_product_tag, PREFIX_tag
-- served by  PRIMARY
SELECT
    p.id_product,
    t.name
FROM PREFIX_product_tag AS p
INNER JOIN PREFIX_tag AS t
    ON p.id_tag = t.id_tag
WHERE
    p.id_product IN :ids
    AND t.id_lang = :lang_id
ORDER BY t.name
