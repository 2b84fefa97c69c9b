-- The newest cart of each visitor: whose they are, and what ties what they did before to it.
-- reads      PREFIX_cart
-- served by  id_guest
SELECT
    c.id_guest,
    MAX(c.id_cart) AS id_cart
FROM PREFIX_cart AS c
WHERE c.id_guest IN :ids
GROUP BY c.id_guest
