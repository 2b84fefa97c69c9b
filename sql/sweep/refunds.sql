-- What was refunded of a range of lines, added up by blocks of a thousand orders: these counters carry no date.
-- reads      PREFIX_order_detail
-- served by  PRIMARY
-- optional   order_detail.total_refunded_tax_incl
SELECT
    d.id_order DIV 1000 AS block,
    BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT_WS(
        '|', d.id_order, d.id_order_detail, d.product_quantity_refunded, d.product_quantity_return,
        COALESCE(d.total_refunded_tax_incl, '~')
    )), 16), 16, 10) AS UNSIGNED)) AS refunds
FROM PREFIX_order_detail AS d
WHERE
    d.id_order_detail > :after_id
    AND d.id_order_detail <= :until_id
    AND (
        d.product_quantity_refunded <> 0 OR d.product_quantity_return <> 0
        OR COALESCE(d.total_refunded_tax_incl, 0) <> 0
    )
GROUP BY d.id_order DIV 1000
