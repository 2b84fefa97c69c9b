-- The highest id of every table that is followed by id: where a feed begins that owes no history.
-- reads      PREFIX_orders, PREFIX_order_history, PREFIX_order_slip, PREFIX_order_payment, PREFIX_customer, PREFIX_address, PREFIX_cart
-- served by  PRIMARY
SELECT
    (SELECT MAX(o.id_order) FROM PREFIX_orders AS o) AS orders,
    (SELECT MAX(q.id_order) FROM PREFIX_orders AS q) AS ordered_carts,
    (SELECT MAX(h.id_order_history) FROM PREFIX_order_history AS h) AS order_history,
    (SELECT MAX(s.id_order_slip) FROM PREFIX_order_slip AS s) AS order_slip,
    (SELECT MAX(p.id_order_payment) FROM PREFIX_order_payment AS p) AS order_payment,
    (SELECT MAX(c.id_customer) FROM PREFIX_customer AS c) AS customer,
    (SELECT MAX(a.id_address) FROM PREFIX_address AS a) AS address,
    (SELECT MAX(b.id_cart) FROM PREFIX_cart AS b) AS cart
