-- The languages of the shop, by which a language's code finds its names.
-- reads      PREFIX_lang
-- served by  full scan, the table is small
SELECT
    l.id_lang,
    l.iso_code
FROM PREFIX_lang AS l
