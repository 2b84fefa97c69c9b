-- Every table and column of this installation: versions and upgrades differ, so nothing is assumed.
-- reads      information_schema.columns
SELECT
    c.table_name AS table_name,
    c.column_name AS column_name
FROM information_schema.columns AS c
WHERE
    c.table_schema = DATABASE()
    AND c.table_name LIKE :prefix
