-- The shops of the installation with their addresses, and whether their group shares its customers.
-- reads      PREFIX_shop, PREFIX_shop_group, PREFIX_shop_url
-- served by  full scan, the table is small
SELECT
    s.id_shop,
    s.id_shop_group,
    g.share_customer,
    s.name,
    u.domain,
    u.domain_ssl,
    u.physical_uri,
    u.virtual_uri
FROM PREFIX_shop AS s
LEFT JOIN PREFIX_shop_group AS g
    ON s.id_shop_group = g.id_shop_group
LEFT JOIN PREFIX_shop_url AS u
    ON s.id_shop = u.id_shop AND u.main = 1 AND u.active = 1
ORDER BY s.id_shop
