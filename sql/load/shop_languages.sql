-- The languages in use, shop by shop: with several of them, addresses begin with the language's code.
-- reads      PREFIX_lang_shop, PREFIX_lang
-- served by  full scan, the table is small
-- needs      PREFIX_lang_shop
SELECT
    s.id_shop,
    s.id_lang,
    l.iso_code
FROM PREFIX_lang_shop AS s
LEFT JOIN PREFIX_lang AS l
    ON s.id_lang = l.id_lang
WHERE l.active = 1
