-- The pages that were viewed in visits, while the shop logs them, in order.
-- reads      PREFIX_connections_page, PREFIX_page, PREFIX_page_type
-- served by  PRIMARY
-- needs      PREFIX_connections_page, PREFIX_page, PREFIX_page_type
SELECT
    v.id_connections,
    v.id_page,
    v.time_start,
    t.name,
    p.id_object
FROM PREFIX_connections_page AS v
LEFT JOIN PREFIX_page AS p
    ON v.id_page = p.id_page
LEFT JOIN PREFIX_page_type AS t
    ON p.id_page_type = t.id_page_type
WHERE v.id_connections IN :ids
ORDER BY v.id_connections, v.time_start
