-- The lines of orders, order by order: the digest that sweep/line_blocks adds up, and that of sweep/refunds.
-- reads      PREFIX_order_detail
-- served by  order_detail_order
-- optional   order_detail.total_refunded_tax_incl
SELECT
    d.id_order,
    BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT_WS(
        '|', d.id_order, d.id_order_detail, d.product_quantity, d.product_quantity_refunded, d.product_quantity_return,
        COALESCE(d.total_price_tax_incl, '~'), COALESCE(d.total_refunded_tax_incl, '~')
    )), 16), 16, 10) AS UNSIGNED)) AS digest,
    BIT_XOR(IF(
        d.product_quantity_refunded <> 0 OR d.product_quantity_return <> 0
        OR COALESCE(d.total_refunded_tax_incl, 0) <> 0,
        CAST(CONV(LEFT(MD5(CONCAT_WS(
            '|', d.id_order, d.id_order_detail, d.product_quantity_refunded, d.product_quantity_return,
            COALESCE(d.total_refunded_tax_incl, '~')
        )), 16), 16, 10) AS UNSIGNED), CAST(0 AS UNSIGNED)
    )) AS refunds
FROM PREFIX_order_detail AS d
WHERE d.id_order IN :ids
GROUP BY d.id_order
