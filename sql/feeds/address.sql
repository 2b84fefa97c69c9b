-- Customers who got an address since the watermark: an address in use is replaced, not edited.
-- reads      PREFIX_address
-- served by  PRIMARY
SELECT
    t.id_address AS mark_id,
    t.id_customer AS key_id,
    t.date_add AS stamp
FROM PREFIX_address AS t
WHERE
    t.id_address > :after_id
    AND t.id_address <= :until_id
ORDER BY t.id_address
LIMIT :page_size
