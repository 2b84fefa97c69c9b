-- The addresses of customers that are in use, oldest first.
-- reads      PREFIX_address, PREFIX_country, PREFIX_country_lang, PREFIX_state
-- served by  address_customer
SELECT
    a.id_customer,
    a.id_address,
    a.company,
    a.address1,
    a.address2,
    a.postcode,
    a.city,
    a.phone,
    a.phone_mobile,
    c.iso_code AS country_code,
    l.name AS country,
    s.name AS state
FROM PREFIX_address AS a
LEFT JOIN PREFIX_country AS c
    ON a.id_country = c.id_country
LEFT JOIN PREFIX_country_lang AS l
    ON a.id_country = l.id_country AND l.id_lang = :lang_id
LEFT JOIN PREFIX_state AS s
    ON a.id_state = s.id_state
WHERE
    a.id_customer IN :ids
    AND a.deleted = 0
ORDER BY a.id_address
