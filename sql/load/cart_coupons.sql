-- The discounts in carts, with what their rules grant; a rule may be deleted.
-- reads      PREFIX_cart_cart_rule, PREFIX_cart_rule, PREFIX_cart_rule_lang
-- served by  PRIMARY
SELECT
    v.id_cart,
    v.id_cart_rule,
    l.name,
    r.code,
    r.reduction_percent,
    r.reduction_amount,
    r.reduction_currency,
    r.free_shipping
FROM PREFIX_cart_cart_rule AS v
LEFT JOIN PREFIX_cart_rule AS r
    ON v.id_cart_rule = r.id_cart_rule
LEFT JOIN PREFIX_cart_rule_lang AS l
    ON v.id_cart_rule = l.id_cart_rule AND l.id_lang = :lang_id
WHERE v.id_cart IN :ids
ORDER BY v.id_cart, v.id_cart_rule
