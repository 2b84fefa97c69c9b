-- How far the server's own zone and this session's are from UTC at a moment of theirs, in seconds.
-- reads      nothing
SELECT
    TIMESTAMPDIFF(SECOND, '1970-01-01', :moment)
    - CAST(UNIX_TIMESTAMP(CONVERT_TZ(:moment, @@GLOBAL.time_zone, @@SESSION.time_zone)) AS SIGNED) AS server,
    TIMESTAMPDIFF(SECOND, '1970-01-01', :moment) - CAST(UNIX_TIMESTAMP(:moment) AS SIGNED) AS session
