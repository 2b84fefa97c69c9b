-- The settings the poller follows: time zone, default language and currency, the roles of order states.
-- reads      PREFIX_configuration
-- served by  name
SELECT
    c.name,
    c.id_shop,
    c.id_shop_group,
    c.value
FROM PREFIX_configuration AS c
WHERE c.name IN :names
