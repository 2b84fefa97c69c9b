-- The highest keys of what the audit walks over.
-- reads      PREFIX_orders, PREFIX_order_history, PREFIX_order_slip, PREFIX_order_detail, PREFIX_customer
-- served by  PRIMARY
SELECT
    (SELECT MAX(o.id_order) FROM PREFIX_orders AS o) AS dated_orders,
    (SELECT MAX(h.id_order_history) FROM PREFIX_order_history AS h) AS dated_states,
    (SELECT MAX(s.id_order_slip) FROM PREFIX_order_slip AS s) AS dated_slips,
    (SELECT MAX(d.id_order_detail) FROM PREFIX_order_detail AS d) AS refunded_lines,
    (SELECT MAX(c.id_customer) FROM PREFIX_customer AS c) AS customers
