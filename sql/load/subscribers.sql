-- Visitors' subscriptions to the newsletter, one row each.
-- reads      PREFIX_emailsubscription
-- served by  PRIMARY
-- needs      PREFIX_emailsubscription
SELECT
    s.id,
    s.id_shop,
    s.email,
    s.active,
    s.newsletter_date_add,
    CONVERT_TZ(s.newsletter_date_add, @@GLOBAL.time_zone, '+00:00') AS added_utc
FROM PREFIX_emailsubscription AS s
WHERE s.id IN :ids
