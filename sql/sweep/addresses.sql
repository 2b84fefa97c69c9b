-- The addresses of customers, customer by customer: the digest that sweep/address_blocks adds up.
-- reads      PREFIX_address
-- served by  address_customer
SELECT
    a.id_customer,
    BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT_WS(
        '|', a.id_customer, a.id_address, a.id_country, COALESCE(a.id_state, '~'), a.deleted, COALESCE(a.company, ''),
        a.address1, COALESCE(a.address2, ''), COALESCE(a.postcode, ''), a.city, COALESCE(a.phone, ''),
        COALESCE(a.phone_mobile, '')
    )), 16), 16, 10) AS UNSIGNED)) AS digest
FROM PREFIX_address AS a
WHERE a.id_customer IN :ids
GROUP BY a.id_customer
