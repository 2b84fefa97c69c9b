-- Customers of a span of keys who came since a moment, by what the audit counts.
-- reads      PREFIX_customer
-- served by  PRIMARY
SELECT
    c.id_customer,
    c.id_shop,
    c.email,
    c.deleted,
    c.date_add
FROM PREFIX_customer AS c
WHERE c.id_customer > :after_id AND c.id_customer <= :until_id AND c.date_add >= :since
ORDER BY c.id_customer
