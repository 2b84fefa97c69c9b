-- The names of categories, in one language, once for each shop that has them.
-- reads      PREFIX_category_lang
-- served by  PRIMARY
SELECT
    c.id_category,
    c.id_shop,
    c.name
FROM PREFIX_category_lang AS c
WHERE
    c.id_category IN :ids
    AND c.id_lang = :lang_id
