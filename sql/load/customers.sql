-- Customers, one row each.
-- reads      PREFIX_customer
-- served by  PRIMARY
SELECT
    c.id_customer,
    c.id_shop,
    c.email,
    c.firstname,
    c.lastname,
    c.id_gender,
    c.birthday,
    c.company,
    c.newsletter,
    c.optin,
    c.is_guest,
    c.deleted,
    c.date_add,
    c.date_upd,
    c.newsletter_date_add,
    CONVERT_TZ(c.newsletter_date_add, @@GLOBAL.time_zone, '+00:00') AS newsletter_utc
FROM PREFIX_customer AS c
WHERE c.id_customer IN :ids
