-- Customers whose data were erased by the module psgdpr.
-- reads      PREFIX_psgdpr_log
-- served by  id_customer
-- needs      PREFIX_psgdpr_log
SELECT DISTINCT g.id_customer
FROM PREFIX_psgdpr_log AS g
WHERE
    g.request_type = 4
    AND g.id_customer IN :ids
