-- The discounts in carts, as one number each cart: their rows have no date and do not touch the cart.
-- reads      PREFIX_cart_cart_rule
-- served by  PRIMARY
SELECT
    v.id_cart,
    COUNT(*) AS coupon_count,
    BIT_XOR(CAST(CONV(LEFT(MD5(v.id_cart_rule), 16), 16, 10) AS UNSIGNED)) AS digest
FROM PREFIX_cart_cart_rule AS v
WHERE v.id_cart IN :ids
GROUP BY v.id_cart
