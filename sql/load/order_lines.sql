-- The lines of orders.
-- reads      PREFIX_order_detail
-- served by  order_detail_order
-- optional   order_detail.total_refunded_tax_incl, order_detail.id_customization
SELECT
    d.id_order,
    d.id_order_detail,
    d.product_id,
    d.product_attribute_id,
    d.id_customization AS id_customization,
    d.product_name,
    d.product_reference,
    d.product_quantity,
    d.product_quantity_refunded,
    d.product_quantity_return,
    d.unit_price_tax_excl,
    d.unit_price_tax_incl,
    d.total_price_tax_excl,
    d.total_price_tax_incl,
    d.original_product_price,
    d.total_refunded_tax_incl AS total_refunded_tax_incl
FROM PREFIX_order_detail AS d
WHERE d.id_order IN :ids
ORDER BY d.id_order_detail
