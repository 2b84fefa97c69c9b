-- The key that a table's next row will get, as the server counts: above all that were ever inserted.
-- reads      information_schema.tables
SELECT t.auto_increment AS next_key
FROM information_schema.tables AS t
WHERE
    t.table_schema = DATABASE()
    AND t.table_name IN :names
