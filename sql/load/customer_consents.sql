-- Customers who gave a consent, by the log of the module psgdpr; it knows no withdrawal.
-- reads      PREFIX_psgdpr_log
-- served by  id_customer
-- needs      PREFIX_psgdpr_log
SELECT DISTINCT g.id_customer
FROM PREFIX_psgdpr_log AS g
WHERE
    g.request_type = 1
    AND g.id_customer IN :ids
