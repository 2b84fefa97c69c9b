-- The languages in use, shop by shop: with several of them, addresses begin with the language's code.
-- reads      PREFIX_lang, PREFIX_lang_shop
-- served by  full scan, the table is small
-- needs      PREFIX_lang_shop
SELECT
    s.id_shop,
    l.id_lang,
    l.iso_code
FROM PREFIX_lang AS l
LEFT JOIN PREFIX_lang_shop AS s
    ON l.id_lang = s.id_lang
WHERE l.active = 1
