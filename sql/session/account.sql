-- Who we are: the name and host as the server sees them, and the account it took us for.
-- reads      nothing
SELECT
    USER() AS seen_as,
    CURRENT_USER() AS account
