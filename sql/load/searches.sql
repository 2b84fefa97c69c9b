-- Searches, one row each; nobody knows whose.
-- reads      PREFIX_statssearch
-- served by  PRIMARY
-- needs      PREFIX_statssearch
SELECT
    s.id_statssearch,
    s.id_shop,
    s.keywords,
    s.results,
    s.date_add,
    CONVERT_TZ(s.date_add, @@GLOBAL.time_zone, '+00:00') AS added_utc
FROM PREFIX_statssearch AS s
WHERE s.id_statssearch IN :ids
