-- What customers wrote into the text fields of customizable products.
-- reads      PREFIX_customized_data, PREFIX_customization_field_lang
-- served by  PRIMARY
SELECT DISTINCT
    d.id_customization,
    d.`index` AS field_id,
    l.name,
    d.value
FROM PREFIX_customized_data AS d
LEFT JOIN PREFIX_customization_field_lang AS l
    ON d.`index` = l.id_customization_field AND l.id_lang = :lang_id
WHERE
    d.id_customization IN :ids
    AND d.type = 1
ORDER BY d.`index`
