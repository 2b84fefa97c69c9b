-- Orders whose lines count something as given back, by a span of the lines' keys: no row dates that.
-- reads      PREFIX_order_detail
-- served by  PRIMARY
-- optional   order_detail.total_refunded_tax_incl
SELECT DISTINCT d.id_order
FROM PREFIX_order_detail AS d
WHERE d.id_order_detail > :after_id AND d.id_order_detail <= :until_id AND d.total_refunded_tax_incl > 0
