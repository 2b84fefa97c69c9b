-- The names of carriers; `0` stands for the shop's own name.
-- reads      PREFIX_carrier
-- served by  PRIMARY
SELECT
    k.id_carrier,
    k.name
FROM PREFIX_carrier AS k
WHERE k.id_carrier IN :ids
