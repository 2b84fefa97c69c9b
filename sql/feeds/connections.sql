-- Visits that began since the watermark (module statsdata); their page views are looked for as long as they may go on.
-- reads      PREFIX_connections
-- served by  PRIMARY
-- needs      PREFIX_connections
SELECT
    t.id_connections AS mark_id,
    t.id_connections AS key_id,
    t.date_add AS stamp
FROM PREFIX_connections AS t
WHERE
    t.id_connections > :after_id
    AND t.id_connections <= :until_id
ORDER BY t.id_connections
LIMIT :page_size
