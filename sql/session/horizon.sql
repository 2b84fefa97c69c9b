-- The start of the oldest running transaction but our own, in the server's system zone; NULL if none runs. And our own.
-- reads      information_schema.innodb_trx
SELECT
    MIN(CASE WHEN t.trx_mysql_thread_id <> CONNECTION_ID() THEN t.trx_started END) AS oldest,
    MAX(CASE WHEN t.trx_mysql_thread_id = CONNECTION_ID() THEN t.trx_started END) AS own,
    NOW() AS printed_now
FROM information_schema.innodb_trx AS t
