-- Customers by their addresses: several may have the same one.
-- reads      PREFIX_customer
-- served by  customer_email
SELECT
    c.id_customer,
    c.email,
    c.is_guest,
    c.deleted
FROM PREFIX_customer AS c
WHERE c.email IN :names
