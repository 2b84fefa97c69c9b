-- The account the poller reads the shop with: SELECT on the tables its statements read, and nothing else of the shop.
--
-- Write a password in place of :password, and another host in place of localhost where the poller is not on the
-- database's own ('127.0.0.1' where the server runs with skip_name_resolve). Then, as an administrator:
--
--     poller sql ops/grants > grants.sql     with the shop's own table prefix
--     mysql prestashop < grants.sql          the database that is named here is the one that is opened to reading
--
-- It may be run again at any time: after an upgrade of the poller, or when the shop got a module. An account that exists
-- keeps its password.

CREATE USER IF NOT EXISTS 'poller'@'localhost' IDENTIFIED BY :password;

-- ---------------- What every PrestaShop has

GRANT SELECT ON PREFIX_address TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_attribute TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_attribute_lang TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_carrier TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_cart TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_cart_cart_rule TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_cart_product TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_cart_rule TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_cart_rule_lang TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_category_lang TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_configuration TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_country TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_country_lang TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_currency TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_customer TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_customer_message TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_customer_thread TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_customization_field_lang TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_customized_data TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_gender TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_image TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_lang TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_mail TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_manufacturer TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_order_carrier TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_order_cart_rule TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_order_detail TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_order_history TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_order_invoice_payment TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_order_payment TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_order_slip TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_order_slip_detail TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_order_state TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_order_state_lang TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_orders TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_product TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_product_attribute TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_product_attribute_combination TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_product_attribute_shop TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_product_lang TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_product_shop TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_product_tag TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_shop TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_shop_group TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_shop_url TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_state TO 'poller'@'localhost';
GRANT SELECT ON PREFIX_tag TO 'poller'@'localhost';

-- ---------------- What a module brings, where the shop has it: a grant on a missing table would be an error

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_blockwishlist_statistics TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_blockwishlist_statistics'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_connections TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_connections'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_connections_page TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_connections_page'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_connections_source TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_connections_source'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_customer_session TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_customer_session'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_emailsubscription TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_emailsubscription'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_guest TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_guest'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_lang_shop TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_lang_shop'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_page TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_page'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_page_type TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_page_type'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_psgdpr_log TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_psgdpr_log'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_statssearch TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_statssearch'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_wishlist TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_wishlist'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

SET @grant = (
    SELECT COALESCE(MAX('GRANT SELECT ON PREFIX_wishlist_product TO ''poller''@''localhost'''), 'DO 0')
    FROM information_schema.tables AS t
    WHERE
        t.table_schema = DATABASE()
        AND t.table_name = 'PREFIX_wishlist_product'
);
PREPARE grant_where_it_is FROM @grant;
EXECUTE grant_where_it_is;
DEALLOCATE PREPARE grant_where_it_is;

-- ---------------- Of the server, not of the shop

-- With PROCESS the poller sees since when transactions run, so that a missing id is settled within seconds and not within
-- gap_ttl. It also shows other accounts' running statements. Leave it out if that is too much: nothing is lost by it.
-- It stands last, because a hosting company may refuse it.
GRANT PROCESS ON *.* TO 'poller'@'localhost';
