-- Vouchers that were given instead of money: their code ends in the order's number (V8C13O17).
-- reads      PREFIX_cart_rule
-- served by  id_customer
SELECT
    r.id_customer,
    r.code,
    r.reduction_amount,
    r.date_add
FROM PREFIX_cart_rule AS r
WHERE
    r.id_customer IN :ids
    AND r.code LIKE 'V%C%O%'
