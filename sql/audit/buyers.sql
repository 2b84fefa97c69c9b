-- Whether those who ordered are still there, and may be spoken of.
-- reads      PREFIX_customer
-- served by  PRIMARY
SELECT
    c.id_customer,
    c.email,
    c.deleted
FROM PREFIX_customer AS c
WHERE c.id_customer IN :ids
