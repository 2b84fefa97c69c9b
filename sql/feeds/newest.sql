-- The highest id of every table that is followed by id: where a feed begins that owes no history.
-- reads      PREFIX_orders, PREFIX_order_history, PREFIX_order_slip, PREFIX_order_payment, PREFIX_customer, PREFIX_address, PREFIX_cart
-- served by  PRIMARY
SELECT
    (SELECT MAX(t.id_order) FROM PREFIX_orders AS t) AS orders,
    (SELECT MAX(t.id_order_history) FROM PREFIX_order_history AS t) AS order_history,
    (SELECT MAX(t.id_order_slip) FROM PREFIX_order_slip AS t) AS order_slip,
    (SELECT MAX(t.id_order_payment) FROM PREFIX_order_payment AS t) AS order_payment,
    (SELECT MAX(t.id_customer) FROM PREFIX_customer AS t) AS customer,
    (SELECT MAX(t.id_address) FROM PREFIX_address AS t) AS address,
    (SELECT MAX(t.id_cart) FROM PREFIX_cart AS t) AS cart
