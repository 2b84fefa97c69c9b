-- Customers, by what is told of them.
-- reads      PREFIX_customer
-- served by  PRIMARY
SELECT
    c.id_customer,
    c.email,
    c.firstname,
    c.lastname,
    c.id_gender,
    c.birthday,
    c.company,
    c.newsletter,
    c.optin,
    c.is_guest,
    c.deleted
FROM PREFIX_customer AS c
WHERE c.id_customer IN :ids
