-- What the server is: version, whether it is a replica, and how it hands out ids.
-- reads      nothing
SELECT
    VERSION() AS version,
    @@GLOBAL.read_only AS read_only,
    @@SESSION.auto_increment_increment AS auto_increment_increment,
    @@SESSION.time_zone AS session_zone,
    @@GLOBAL.time_zone AS server_zone
