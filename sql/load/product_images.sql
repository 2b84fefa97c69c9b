-- The cover images of products (cover is NULL, not 0, on the others).
-- reads      PREFIX_image
-- served by  id_product_cover
SELECT
    i.id_product,
    i.id_image
FROM PREFIX_image AS i
WHERE
    i.id_product IN :ids
    AND i.cover = 1
