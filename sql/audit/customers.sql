-- Every customer, a page at a time, by what the audit counts.
-- reads      PREFIX_customer
-- served by  PRIMARY
SELECT
    c.id_customer,
    c.id_shop,
    c.email,
    c.deleted,
    c.date_add
FROM PREFIX_customer AS c
WHERE c.id_customer > :after_id
ORDER BY c.id_customer
LIMIT :page_size
