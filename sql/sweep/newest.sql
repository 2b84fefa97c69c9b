-- The highest keys of what the sweep walks over.
-- reads      PREFIX_orders, PREFIX_order_detail, PREFIX_customer
-- served by  PRIMARY
SELECT
    (SELECT MAX(o.id_order) FROM PREFIX_orders AS o) AS newest_order,
    (SELECT MAX(d.id_order_detail) FROM PREFIX_order_detail AS d) AS newest_line,
    (SELECT MAX(c.id_customer) FROM PREFIX_customer AS c) AS newest_customer
