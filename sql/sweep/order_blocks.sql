-- Orders by blocks of a thousand keys: how many, and a digest of what changes in them without telling anyone.
-- reads      PREFIX_orders
-- served by  PRIMARY
SELECT
    o.id_order DIV 1000 AS block,
    COUNT(*) AS row_count,
    BIT_XOR(CAST(CONV(LEFT(MD5(CONCAT_WS(
        '|', o.id_order, o.current_state, o.valid, o.id_customer,
        COALESCE(o.total_paid_tax_incl, '~'), COALESCE(o.total_products_wt, '~'),
        COALESCE(o.total_shipping_tax_incl, '~'), COALESCE(o.total_discounts_tax_incl, '~')
    )), 16), 16, 10) AS UNSIGNED)) AS digest
FROM PREFIX_orders AS o
WHERE o.id_order > :after_id AND o.id_order <= :until_id
GROUP BY o.id_order DIV 1000
