-- E-mails, one row each, without their content, which the shop does not keep.
-- reads      PREFIX_mail
-- served by  PRIMARY
SELECT
    m.id_mail,
    m.recipient,
    m.template,
    m.subject,
    CONVERT_TZ(m.date_add, @@SESSION.time_zone, @@GLOBAL.time_zone) AS added_local,
    CONVERT_TZ(m.date_add, @@SESSION.time_zone, '+00:00') AS added_utc
FROM PREFIX_mail AS m
WHERE m.id_mail IN :ids
