-- What the lines of orders say was given back, by order: it may be more than the slips say.
-- reads      PREFIX_order_detail
-- served by  order_detail_order
-- optional   order_detail.total_refunded_tax_incl
SELECT
    d.id_order,
    COUNT(*) AS line_count,
    SUM(d.total_refunded_tax_incl) AS refunded_tax_incl
FROM PREFIX_order_detail AS d
WHERE d.id_order IN :ids
GROUP BY d.id_order
