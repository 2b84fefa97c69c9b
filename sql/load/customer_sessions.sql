-- Sessions, one row each; undated before 8.0.
-- reads      PREFIX_customer_session
-- served by  PRIMARY
-- optional   customer_session.date_add
-- needs      PREFIX_customer_session
SELECT
    s.id_customer_session,
    s.id_customer,
    s.date_add AS date_add
FROM PREFIX_customer_session AS s
WHERE s.id_customer_session IN :ids
