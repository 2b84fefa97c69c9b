-- The newest customers.
-- reads      PREFIX_customer
-- served by  PRIMARY
SELECT c.id_customer
FROM PREFIX_customer AS c
ORDER BY c.id_customer DESC
LIMIT :newest
