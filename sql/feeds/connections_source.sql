-- Visits from elsewhere since the watermark (module statsdata); those without a campaign in their address touch nobody.
-- reads      PREFIX_connections_source
-- served by  PRIMARY
-- needs      PREFIX_connections_source
SELECT
    t.id_connections_source AS mark_id,
    CASE WHEN t.request_uri LIKE '%utm_%' THEN t.id_connections_source ELSE 0 END AS key_id,
    t.date_add AS stamp
FROM PREFIX_connections_source AS t
WHERE
    t.id_connections_source > :after_id
    AND t.id_connections_source <= :until_id
ORDER BY t.id_connections_source
LIMIT :page_size
