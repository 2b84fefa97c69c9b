-- Carts, by what changes in them without a stamp: the customer at login, the carrier, the progress of the checkout.
-- reads      PREFIX_cart
-- served by  PRIMARY
-- optional   cart.checkout_session_data
SELECT
    c.id_cart,
    c.id_customer,
    c.delivery_option,
    MD5(c.checkout_session_data) AS checkout
FROM PREFIX_cart AS c
WHERE c.id_cart IN :ids
