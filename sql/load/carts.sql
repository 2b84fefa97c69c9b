-- Carts, one row each.
-- reads      PREFIX_cart
-- served by  PRIMARY
-- optional   cart.checkout_session_data
SELECT
    c.id_cart,
    c.id_shop,
    c.id_customer,
    c.id_guest,
    c.id_carrier,
    c.delivery_option,
    c.checkout_session_data AS checkout_session_data,
    c.date_add,
    c.date_upd
FROM PREFIX_cart AS c
WHERE c.id_cart IN :ids
