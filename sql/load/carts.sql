-- Carts, one row each.
-- reads      PREFIX_cart
-- served by  PRIMARY
SELECT
    c.id_cart,
    c.id_shop,
    c.id_customer,
    c.date_add,
    c.date_upd
FROM PREFIX_cart AS c
WHERE c.id_cart IN :ids
