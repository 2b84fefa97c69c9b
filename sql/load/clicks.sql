-- Visits that a link of a campaign led to, one row each, with whose they are.
-- reads      PREFIX_connections_source, PREFIX_connections, PREFIX_guest
-- served by  PRIMARY
-- needs      PREFIX_connections_source, PREFIX_connections, PREFIX_guest
SELECT
    s.id_connections_source,
    s.http_referer,
    s.request_uri,
    s.date_add,
    c.id_shop,
    c.id_guest,
    g.id_customer
FROM PREFIX_connections_source AS s
LEFT JOIN PREFIX_connections AS c
    ON s.id_connections = c.id_connections
LEFT JOIN PREFIX_guest AS g
    ON c.id_guest = g.id_guest
WHERE s.id_connections_source IN :ids
