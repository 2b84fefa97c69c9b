-- Visits, one row each, with whose they are; PrestaShop deletes a guest's row at login and writes it anew.
-- reads      PREFIX_connections, PREFIX_guest
-- served by  PRIMARY
-- needs      PREFIX_connections, PREFIX_guest
SELECT
    c.id_connections,
    c.id_shop,
    c.id_guest,
    g.id_customer,
    c.http_referer,
    c.date_add
FROM PREFIX_connections AS c
LEFT JOIN PREFIX_guest AS g
    ON c.id_guest = g.id_guest
WHERE c.id_connections IN :ids
