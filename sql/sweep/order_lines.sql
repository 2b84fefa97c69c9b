-- The lines of orders, added up: refund counters carry no date.
-- reads      PREFIX_order_detail
-- served by  order_detail_order
-- optional   order_detail.total_refunded_tax_incl
SELECT
    d.id_order,
    COUNT(*) AS line_count,
    SUM(d.product_quantity) AS quantity,
    SUM(d.product_quantity_refunded) AS refunded,
    SUM(d.product_quantity_return) AS returned,
    SUM(d.total_price_tax_incl) AS total,
    SUM(d.total_refunded_tax_incl) AS refunded_tax_incl
FROM PREFIX_order_detail AS d
WHERE d.id_order IN :ids
GROUP BY d.id_order
