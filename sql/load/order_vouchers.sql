-- The discounts on orders; the code is the rule's own, if the rule still exists.
-- reads      PREFIX_order_cart_rule, PREFIX_cart_rule
-- served by  id_order
-- optional   order_cart_rule.deleted
SELECT
    v.id_order,
    v.id_cart_rule,
    v.name,
    v.value,
    v.value_tax_excl,
    r.code
FROM PREFIX_order_cart_rule AS v
LEFT JOIN PREFIX_cart_rule AS r
    ON v.id_cart_rule = r.id_cart_rule
WHERE
    v.id_order IN :ids
    AND COALESCE(v.deleted, 0) = 0
ORDER BY v.id_order_cart_rule
