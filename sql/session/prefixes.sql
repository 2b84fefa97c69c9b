-- Table names that end like one that every PrestaShop has, and nothing else: what stands before is a prefix.
-- reads      information_schema.tables
SELECT t.table_name AS table_name
FROM information_schema.tables AS t
WHERE
    t.table_schema = DATABASE()
    AND t.table_name LIKE '%order\_slip\_detail'
ORDER BY t.table_name
