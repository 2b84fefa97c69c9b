-- The attribute values of combinations, in one language.
-- reads      PREFIX_product_attribute_combination, PREFIX_attribute, PREFIX_attribute_lang
-- served by  id_product_attribute
SELECT
    v.id_product_attribute,
    l.name
FROM PREFIX_product_attribute_combination AS v
INNER JOIN PREFIX_attribute AS a
    ON v.id_attribute = a.id_attribute
LEFT JOIN PREFIX_attribute_lang AS l
    ON v.id_attribute = l.id_attribute AND l.id_lang = :lang_id
WHERE v.id_product_attribute IN :ids
ORDER BY a.id_attribute_group, a.position, a.id_attribute
