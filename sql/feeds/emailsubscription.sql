-- Visitors who subscribed to the newsletter since the watermark; dated by the database's clock.
-- reads      PREFIX_emailsubscription
-- served by  PRIMARY
-- needs      PREFIX_emailsubscription
SELECT
    t.id AS mark_id,
    t.id AS key_id,
    t.newsletter_date_add AS stamp
FROM PREFIX_emailsubscription AS t
WHERE
    t.id > :after_id
    AND t.id <= :until_id
ORDER BY t.id
LIMIT :page_size
