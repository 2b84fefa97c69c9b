-- The carts of visitors: what ties what they look at to what they put into them.
-- reads      PREFIX_cart
-- served by  id_guest
SELECT
    c.id_guest,
    c.id_cart,
    c.date_add
FROM PREFIX_cart AS c
WHERE c.id_guest IN :ids
ORDER BY c.id_guest, c.id_cart
