-- What the titles customers choose say of their gender: 0 male, 1 female, 2 neutral.
-- reads      PREFIX_gender
-- served by  full scan, the table is small
SELECT
    g.id_gender,
    g.type
FROM PREFIX_gender AS g
