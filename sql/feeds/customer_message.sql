-- Messages of the customer service that were written since the watermark.
-- reads      PREFIX_customer_message
-- served by  PRIMARY
SELECT
    t.id_customer_message AS mark_id,
    t.id_customer_message AS key_id,
    t.date_add AS stamp
FROM PREFIX_customer_message AS t
WHERE
    t.id_customer_message > :after_id
    AND t.id_customer_message <= :until_id
ORDER BY t.id_customer_message
LIMIT :page_size
