-- Orders with more refunded by their lines' counters than by their credit slips.
-- reads      PREFIX_order_detail, PREFIX_order_slip, PREFIX_order_slip_detail
-- served by  order_detail_order
-- optional   order_detail.total_refunded_tax_incl
SELECT d.id_order
FROM PREFIX_order_detail AS d
WHERE
    d.id_order > :after_id
    AND d.id_order <= :until_id
    AND d.total_refunded_tax_incl > 0
GROUP BY d.id_order
HAVING
    SUM(d.total_refunded_tax_incl) > 0.01 + COALESCE((
        SELECT SUM(l.amount_tax_incl)
        FROM PREFIX_order_slip AS s
        INNER JOIN PREFIX_order_slip_detail AS l
            ON s.id_order_slip = l.id_order_slip
        WHERE s.id_order = d.id_order
    ), 0)
