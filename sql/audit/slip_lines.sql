-- What the lines of credit slips add up to, by slip.
-- reads      PREFIX_order_slip_detail
-- served by  PRIMARY
SELECT
    d.id_order_slip,
    SUM(d.amount_tax_incl) AS amount_tax_incl
FROM PREFIX_order_slip_detail AS d
WHERE d.id_order_slip IN :ids
GROUP BY d.id_order_slip
