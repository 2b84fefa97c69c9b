-- What this account may do.
-- reads      nothing
SHOW GRANTS
