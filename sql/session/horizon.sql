-- The start of the oldest running transaction but our own, in the server's system zone; NULL if none runs.
-- reads      information_schema.innodb_trx
SELECT MIN(t.trx_started) AS oldest
FROM information_schema.innodb_trx AS t
WHERE t.trx_mysql_thread_id <> CONNECTION_ID()
