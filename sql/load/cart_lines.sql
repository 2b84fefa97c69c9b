-- What is in carts, in the order in which it came.
-- reads      PREFIX_cart_product
-- served by  id_cart_order
-- optional   cart_product.id_customization
SELECT
    l.id_cart,
    l.id_product,
    l.id_product_attribute,
    l.id_customization AS id_customization,
    l.quantity,
    l.date_add
FROM PREFIX_cart_product AS l
WHERE l.id_cart IN :ids
ORDER BY l.id_cart, l.date_add, l.id_product, l.id_product_attribute
