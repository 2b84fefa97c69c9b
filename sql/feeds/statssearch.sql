-- Searches since the watermark; dated by the database's clock.
-- reads      PREFIX_statssearch
-- served by  PRIMARY
-- needs      PREFIX_statssearch
SELECT
    t.id_statssearch AS mark_id,
    t.id_statssearch AS key_id,
    t.date_add AS stamp
FROM PREFIX_statssearch AS t
WHERE
    t.id_statssearch > :after_id
    AND t.id_statssearch <= :until_id
ORDER BY t.id_statssearch
LIMIT :page_size
