-- Sessions that customers opened since the watermark; signing out deletes them.
-- reads      PREFIX_customer_session
-- served by  PRIMARY
-- optional   customer_session.date_add
-- needs      PREFIX_customer_session
SELECT
    t.id_customer_session AS mark_id,
    t.id_customer_session AS key_id,
    t.date_add AS stamp
FROM PREFIX_customer_session AS t
WHERE
    t.id_customer_session > :after_id
    AND t.id_customer_session <= :until_id
ORDER BY t.id_customer_session
LIMIT :page_size
