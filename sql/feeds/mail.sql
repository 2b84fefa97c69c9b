-- E-mails that the shop sent since the watermark.
-- reads      PREFIX_mail
-- served by  PRIMARY
SELECT
    t.id_mail AS mark_id,
    t.id_mail AS key_id,
    t.date_add AS stamp
FROM PREFIX_mail AS t
WHERE
    t.id_mail > :after_id
    AND t.id_mail <= :until_id
ORDER BY t.id_mail
LIMIT :page_size
