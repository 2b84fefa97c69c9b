-- Orders, one row each, with the country they are delivered to.
-- reads      PREFIX_orders, PREFIX_address, PREFIX_country
-- served by  PRIMARY
SELECT
    o.id_order,
    o.reference,
    o.id_shop,
    o.id_cart,
    o.id_customer,
    o.id_currency,
    o.conversion_rate,
    o.current_state,
    o.valid,
    o.payment,
    o.module,
    o.total_products,
    o.total_products_wt,
    o.total_discounts_tax_excl,
    o.total_discounts_tax_incl,
    o.total_shipping_tax_excl,
    o.total_shipping_tax_incl,
    o.total_wrapping_tax_excl,
    o.total_wrapping_tax_incl,
    o.total_paid_tax_incl,
    o.date_add,
    o.date_upd,
    c.iso_code AS delivery_country
FROM PREFIX_orders AS o
LEFT JOIN PREFIX_address AS a
    ON o.id_address_delivery = a.id_address
LEFT JOIN PREFIX_country AS c
    ON a.id_country = c.id_country
WHERE o.id_order IN :ids
