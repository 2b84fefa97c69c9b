-- The database's clock, its distance from UTC, and how long its last 26 hours were by local time (93,600 s unless a clock change).
-- reads      nothing
SELECT
    UTC_TIMESTAMP(6) AS utc_now,
    TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW()) AS offset_seconds,
    TIMESTAMPDIFF(SECOND, FROM_UNIXTIME(UNIX_TIMESTAMP() - 93600), NOW()) AS last_26_hours_seconds
