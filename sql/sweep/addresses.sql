-- The addresses of customers, by when they were saved.
-- reads      PREFIX_address
-- served by  address_customer
SELECT
    a.id_customer,
    COUNT(*) AS address_count,
    MAX(a.id_address) AS newest_id,
    MAX(a.date_upd) AS newest_save
FROM PREFIX_address AS a
WHERE
    a.id_customer IN :ids
    AND a.deleted = 0
GROUP BY a.id_customer
