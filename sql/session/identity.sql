-- What names this installation among all shops: its oldest settings, with their dates.
-- reads      PREFIX_configuration
-- served by  PRIMARY
SELECT
    c.id_configuration AS id,
    c.name AS name,
    c.date_add AS date_add
FROM PREFIX_configuration AS c
ORDER BY c.id_configuration
LIMIT 5
