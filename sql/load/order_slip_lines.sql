-- The refunded lines on credit slips.
-- reads      PREFIX_order_slip_detail
-- served by  PRIMARY
SELECT
    d.id_order_slip,
    d.id_order_detail,
    d.product_quantity,
    d.amount_tax_excl,
    d.amount_tax_incl
FROM PREFIX_order_slip_detail AS d
WHERE d.id_order_slip IN :ids
