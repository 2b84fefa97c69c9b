-- Customers that were created since the watermark.
-- reads      PREFIX_customer
-- served by  PRIMARY
SELECT
    t.id_customer AS mark_id,
    t.id_customer AS key_id,
    t.date_add AS stamp
FROM PREFIX_customer AS t
WHERE
    t.id_customer > :after_id
    AND t.id_customer <= :until_id
ORDER BY t.id_customer
LIMIT :page_size
