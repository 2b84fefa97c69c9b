-- Customers who consented, or whose data were erased, since the watermark (types 1 and 4 of the module psgdpr).
-- reads      PREFIX_psgdpr_log
-- served by  PRIMARY
-- needs      PREFIX_psgdpr_log
SELECT
    t.id_gdpr_log AS mark_id,
    CASE WHEN t.request_type IN (1, 4) THEN t.id_customer ELSE 0 END AS key_id,
    t.date_add AS stamp
FROM PREFIX_psgdpr_log AS t
WHERE
    t.id_gdpr_log > :after_id
    AND t.id_gdpr_log <= :until_id
ORDER BY t.id_gdpr_log
LIMIT :page_size
