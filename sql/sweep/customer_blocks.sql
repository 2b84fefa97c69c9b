-- Customers by blocks of a thousand keys: how many, and a digest of what is told of them.
-- reads      PREFIX_customer
-- served by  PRIMARY
SELECT
    c.id_customer DIV 1000 AS block,
    COUNT(*) AS row_count,
    BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT_WS(
        '|', c.id_customer, c.email, c.firstname, c.lastname, c.id_gender, COALESCE(c.birthday, '~'),
        COALESCE(c.company, ''), c.newsletter, c.optin, c.is_guest, c.deleted
    )), 16), 16, 10) AS UNSIGNED)) AS digest
FROM PREFIX_customer AS c
WHERE c.id_customer > :after_id AND c.id_customer <= :until_id
GROUP BY c.id_customer DIV 1000
