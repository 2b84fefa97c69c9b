-- The lines of a block of orders: a digest of what changes in them; refund counters carry no date.
-- reads      PREFIX_order_detail
-- served by  order_detail_order
-- optional   order_detail.total_refunded_tax_incl
SELECT
    d.id_order DIV 1000 AS block,
    BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT_WS(
        '|', d.id_order, d.id_order_detail, d.product_quantity, d.product_quantity_refunded, d.product_quantity_return,
        COALESCE(d.total_price_tax_incl, '~'), COALESCE(d.total_refunded_tax_incl, '~')
    )), 16), 16, 10) AS UNSIGNED)) AS digest
FROM PREFIX_order_detail AS d
WHERE d.id_order > :after_id AND d.id_order <= :until_id
GROUP BY d.id_order DIV 1000
