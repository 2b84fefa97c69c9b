-- Customers one by one: when they were added, and the digest that sweep/customer_blocks adds up.
-- reads      PREFIX_customer
-- served by  PRIMARY
SELECT
    c.id_customer,
    c.date_add,
    CAST(CONV(LEFT(MD5(CONCAT_WS(
        '|', c.id_customer, c.email, c.firstname, c.lastname, c.id_gender, COALESCE(c.birthday, '~'),
        COALESCE(c.company, ''), c.newsletter, c.optin, c.is_guest, c.deleted
    )), 16), 16, 10) AS UNSIGNED) AS digest
FROM PREFIX_customer AS c
WHERE c.id_customer IN :ids
