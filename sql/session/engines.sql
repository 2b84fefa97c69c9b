-- Storage engines of the shop's tables: a consistent snapshot exists in InnoDB only.
-- reads      information_schema.tables
SELECT
    t.table_name AS table_name,
    t.engine AS engine
FROM information_schema.tables AS t
WHERE
    t.table_schema = DATABASE()
    AND t.table_name LIKE :prefix
