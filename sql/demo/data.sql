-- The demo shop "Maison Demo": a small household shop in Paris, of our own invention. Load it after schema.sql.
-- Prices are without the VAT of 20 %; customers and orders come to life in poller/demo/shop.py.

-- As PrestaShop's own connections: zero dates are written where there is no date, and columns left out get empty values.
SET SESSION sql_mode = '';

-- ---------------- The shop itself

INSERT INTO `PREFIX_shop_group`
    (`id_shop_group`, `name`, `color`, `share_customer`, `share_order`, `share_stock`, `active`, `deleted`)
VALUES
    (1, 'Default', '', 0, 0, 0, 1, 0);

INSERT INTO `PREFIX_shop`
    (`id_shop`, `id_shop_group`, `name`, `color`, `id_category`, `theme_name`, `active`, `deleted`)
VALUES
    (1, 1, 'Maison Demo', '', 2, 'classic', 1, 0);

INSERT INTO `PREFIX_shop_url`
    (`id_shop_url`, `id_shop`, `domain`, `domain_ssl`, `physical_uri`, `virtual_uri`, `main`, `active`)
VALUES
    (1, 1, 'maison-demo.example.com', 'maison-demo.example.com', '/', '', 1, 1);

INSERT INTO `PREFIX_lang`
    (`id_lang`, `name`, `active`, `iso_code`, `language_code`, `locale`, `date_format_lite`, `date_format_full`, `is_rtl`)
VALUES
    (1, 'English (English)', 1, 'en', 'en-us', 'en-US', 'm/d/Y', 'm/d/Y H:i:s', 0),
    (2, 'Français (French)', 1, 'fr', 'fr-fr', 'fr-FR', 'd/m/Y', 'd/m/Y H:i:s', 0);

INSERT INTO `PREFIX_lang_shop`
    (`id_lang`, `id_shop`)
VALUES
    (1, 1),
    (2, 1);

INSERT INTO `PREFIX_currency`
    (`id_currency`, `name`, `iso_code`, `numeric_iso_code`, `precision`, `conversion_rate`, `deleted`, `active`, `unofficial`, `modified`)
VALUES
    (1, '', 'EUR', '978', 2, 1.000000, 0, 1, 0, 0),
    (2, '', 'USD', '840', 2, 1.095000, 0, 1, 0, 0);

INSERT INTO `PREFIX_currency_lang`
    (`id_currency`, `id_lang`, `name`, `symbol`, `pattern`)
VALUES
    (1, 1, 'Euro', '€', ''),
    (1, 2, 'Euro', '€', ''),
    (2, 1, 'US Dollar', '$', ''),
    (2, 2, 'Dollar des États-Unis', '$US', '');

INSERT INTO `PREFIX_currency_shop`
    (`id_currency`, `id_shop`, `conversion_rate`)
VALUES
    (1, 1, 1.000000),
    (2, 1, 1.095000);

INSERT INTO `PREFIX_country`
    (`id_country`, `id_zone`, `id_currency`, `iso_code`, `call_prefix`, `active`, `contains_states`, `need_identification_number`, `need_zip_code`, `zip_code_format`, `display_tax_label`)
VALUES
    (1, 1, 0, 'DE', 49, 1, 0, 0, 1, 'NNNNN', 1),
    (3, 1, 0, 'BE', 32, 1, 0, 0, 1, 'NNNN', 1),
    (8, 1, 0, 'FR', 33, 1, 0, 0, 1, 'NNNNN', 1),
    (21, 2, 0, 'US', 1, 1, 1, 0, 1, 'NNNNN', 0);

INSERT INTO `PREFIX_country_lang`
    (`id_country`, `id_lang`, `name`)
VALUES
    (1, 1, 'Germany'),
    (1, 2, 'Allemagne'),
    (3, 1, 'Belgium'),
    (3, 2, 'Belgique'),
    (8, 1, 'France'),
    (8, 2, 'France'),
    (21, 1, 'United States'),
    (21, 2, 'États-Unis');

INSERT INTO `PREFIX_state`
    (`id_state`, `id_country`, `id_zone`, `name`, `iso_code`, `tax_behavior`, `active`)
VALUES
    (1, 21, 2, 'California', 'CA', 0, 1),
    (2, 21, 2, 'New York', 'NY', 0, 1),
    (3, 21, 2, 'Oregon', 'OR', 0, 1);

INSERT INTO `PREFIX_configuration`
    (`id_configuration`, `id_shop_group`, `id_shop`, `name`, `value`, `date_add`, `date_upd`)
VALUES
    (1, NULL, NULL, 'PS_LANG_DEFAULT', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (2, NULL, NULL, 'PS_VERSION_DB', '8.2.0', '0000-00-00 00:00:00', '0000-00-00 00:00:00'),
    (3, NULL, NULL, 'PS_INSTALL_VERSION', '8.2.0', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (4, NULL, NULL, 'PS_CURRENCY_DEFAULT', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (5, NULL, NULL, 'PS_COUNTRY_DEFAULT', '8', '0000-00-00 00:00:00', '0000-00-00 00:00:00'),
    (6, NULL, NULL, 'PS_TIMEZONE', 'Europe/Paris', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (7, NULL, NULL, 'PS_SHOP_NAME', 'Maison Demo', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (8, NULL, NULL, 'PS_SHOP_DOMAIN', 'maison-demo.example.com', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (9, NULL, NULL, 'PS_SSL_ENABLED', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (10, NULL, NULL, 'PS_REWRITING_SETTINGS', '0', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (11, NULL, NULL, 'PS_ORDER_RETURN', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (12, NULL, NULL, 'PS_STOCK_MANAGEMENT', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (13, NULL, NULL, 'PS_ENABLE_BACKORDER_STATUS', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (14, NULL, NULL, 'PS_GUEST_CHECKOUT_ENABLED', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (15, NULL, NULL, 'PS_GUEST_GROUP', '2', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (16, NULL, NULL, 'PS_CUSTOMER_GROUP', '3', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (17, NULL, NULL, 'PS_PRICE_ROUND_MODE', '2', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (18, NULL, NULL, 'PS_ROUND_TYPE', '2', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (19, NULL, NULL, 'PS_INVOICE', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (20, NULL, NULL, 'PS_LOG_EMAILS', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (36, NULL, NULL, 'PS_STATSDATA_CUSTOMER_PAGESVIEWS', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (21, NULL, NULL, 'PS_OS_CHEQUE', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (22, NULL, NULL, 'PS_OS_PAYMENT', '2', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (23, NULL, NULL, 'PS_OS_PREPARATION', '3', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (24, NULL, NULL, 'PS_OS_SHIPPING', '4', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (25, NULL, NULL, 'PS_OS_DELIVERED', '5', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (26, NULL, NULL, 'PS_OS_CANCELED', '6', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (27, NULL, NULL, 'PS_OS_REFUND', '7', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (28, NULL, NULL, 'PS_OS_ERROR', '8', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (29, NULL, NULL, 'PS_OS_OUTOFSTOCK', '9', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (30, NULL, NULL, 'PS_OS_OUTOFSTOCK_PAID', '9', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (31, NULL, NULL, 'PS_OS_BANKWIRE', '10', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (32, NULL, NULL, 'PS_OS_WS_PAYMENT', '11', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (33, NULL, NULL, 'PS_OS_OUTOFSTOCK_UNPAID', '12', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (34, NULL, NULL, 'PS_OS_COD_VALIDATION', '13', '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (35, NULL, NULL, 'PSGDPR_ANONYMOUS_CUSTOMER', '1', '2024-03-04 10:00:00', '2024-03-04 10:00:00');

-- ---------------- The order states: their flags decide what counts as paid, valid and shipped

INSERT INTO `PREFIX_order_state`
    (`id_order_state`, `logable`, `paid`, `shipped`, `delivery`, `invoice`, `send_email`, `module_name`, `color`, `unremovable`, `hidden`, `pdf_invoice`, `pdf_delivery`, `deleted`)
VALUES
    (1, 0, 0, 0, 0, 0, 1, 'ps_checkpayment', '#34209E', 1, 0, 0, 0, 0),
    (2, 1, 1, 0, 0, 1, 1, '', '#3498D8', 1, 0, 0, 0, 0),
    (3, 1, 1, 0, 1, 1, 1, '', '#3498D8', 1, 0, 0, 0, 0),
    (4, 1, 1, 1, 1, 1, 1, '', '#3498D8', 1, 0, 0, 0, 0),
    (5, 1, 1, 1, 1, 1, 0, '', '#3498D8', 1, 0, 0, 0, 0),
    (6, 0, 0, 0, 0, 0, 1, '', '#34209E', 1, 0, 0, 0, 0),
    (7, 0, 0, 0, 0, 1, 1, '', '#34209E', 1, 0, 0, 0, 0),
    (8, 0, 0, 0, 0, 0, 1, '', '#34209E', 1, 0, 0, 0, 0),
    (9, 0, 1, 0, 0, 1, 1, '', '#34209E', 1, 0, 0, 0, 0),
    (10, 0, 0, 0, 0, 0, 1, 'ps_wirepayment', '#34209E', 1, 0, 0, 0, 0),
    (11, 1, 1, 0, 0, 1, 1, '', '#3498D8', 1, 0, 0, 0, 0),
    (12, 0, 0, 0, 0, 0, 1, '', '#34209E', 1, 0, 0, 0, 0),
    (13, 0, 0, 0, 0, 0, 0, 'ps_cashondelivery', '#34209E', 1, 0, 0, 0, 0);

INSERT INTO `PREFIX_order_state_lang`
    (`id_order_state`, `id_lang`, `name`, `template`)
VALUES
    (1, 1, 'Awaiting check payment', 'cheque'),
    (1, 2, 'En attente du paiement par chèque', 'cheque'),
    (2, 1, 'Payment accepted', 'payment'),
    (2, 2, 'Paiement accepté', 'payment'),
    (3, 1, 'Processing in progress', 'preparation'),
    (3, 2, 'En cours de préparation', 'preparation'),
    (4, 1, 'Shipped', 'shipped'),
    (4, 2, 'Expédié', 'shipped'),
    (5, 1, 'Delivered', ''),
    (5, 2, 'Livré', ''),
    (6, 1, 'Canceled', 'order_canceled'),
    (6, 2, 'Annulé', 'order_canceled'),
    (7, 1, 'Refunded', 'refund'),
    (7, 2, 'Remboursé', 'refund'),
    (8, 1, 'Payment error', 'payment_error'),
    (8, 2, 'Erreur de paiement', 'payment_error'),
    (9, 1, 'On backorder (paid)', 'outofstock'),
    (9, 2, 'En attente de réapprovisionnement (payé)', 'outofstock'),
    (10, 1, 'Awaiting bank wire payment', 'bankwire'),
    (10, 2, 'En attente de virement bancaire', 'bankwire'),
    (11, 1, 'Remote payment accepted', 'payment'),
    (11, 2, 'Paiement à distance accepté', 'payment'),
    (12, 1, 'On backorder (not paid)', 'outofstock'),
    (12, 2, 'En attente de réapprovisionnement (non payé)', 'outofstock'),
    (13, 1, 'Awaiting Cash On Delivery validation', 'cashondelivery'),
    (13, 2, 'En attente de paiement à la livraison', 'cashondelivery');

-- ---------------- Carriers and vouchers

INSERT INTO `PREFIX_carrier`
    (`id_carrier`, `id_reference`, `name`, `active`, `deleted`, `shipping_handling`, `is_free`, `shipping_method`, `position`, `grade`)
VALUES
    (1, 1, 'Pick-up in the shop', 1, 0, 0, 1, 0, 0, 9),
    (2, 2, 'Courrier Lent', 1, 0, 1, 0, 1, 1, 4),
    (3, 3, 'Vélo Express', 1, 0, 1, 0, 1, 2, 9);

INSERT INTO `PREFIX_cart_rule`
    (`id_cart_rule`, `id_customer`, `date_from`, `date_to`, `description`, `quantity`, `quantity_per_user`, `priority`, `partial_use`, `code`, `reduction_percent`, `reduction_amount`, `reduction_tax`, `reduction_currency`, `free_shipping`, `highlight`, `active`, `date_add`, `date_upd`)
VALUES
    (1, 0, '2024-01-01 00:00:00', '2099-12-31 23:59:59', '', 100000, 100000, 1, 1, 'WELCOME10', 10.00, 0.000000, 1, 1, 0, 0, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (2, 0, '2024-01-01 00:00:00', '2099-12-31 23:59:59', '', 100000, 100000, 1, 1, 'FIVER', 0.00, 5.000000, 1, 1, 0, 0, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (3, 0, '2024-01-01 00:00:00', '2099-12-31 23:59:59', '', 100000, 100000, 1, 1, 'FREESHIP', 0.00, 0.000000, 0, 1, 1, 0, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (4, 0, '2024-01-01 00:00:00', '2099-12-31 23:59:59', '', 100000, 100000, 1, 1, 'ONTHEHOUSE', 100.00, 0.000000, 1, 1, 1, 0, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00');

INSERT INTO `PREFIX_cart_rule_lang`
    (`id_cart_rule`, `id_lang`, `name`)
VALUES
    (1, 1, 'Ten percent off'),
    (1, 2, 'Dix pour cent de remise'),
    (2, 1, 'Five euros off'),
    (2, 2, 'Cinq euros de remise'),
    (3, 1, 'Free shipping'),
    (3, 2, 'Livraison offerte'),
    (4, 1, 'On the house'),
    (4, 2, 'Offert par la maison');

-- ---------------- The catalogue

INSERT INTO `PREFIX_category`
    (`id_category`, `id_parent`, `id_shop_default`, `level_depth`, `nleft`, `nright`, `active`, `date_add`, `date_upd`, `position`, `is_root_category`)
VALUES
    (1, 0, 1, 0, 1, 12, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 0, 0),
    (2, 1, 1, 1, 2, 11, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 0, 1),
    (3, 2, 1, 2, 3, 4, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 0, 0),
    (4, 2, 1, 2, 5, 6, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 0, 0),
    (5, 2, 1, 2, 7, 8, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 0, 0),
    (6, 2, 1, 2, 9, 10, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 0, 0);

INSERT INTO `PREFIX_category_lang`
    (`id_category`, `id_shop`, `id_lang`, `name`, `link_rewrite`)
VALUES
    (1, 1, 1, 'Root', 'root'),
    (1, 1, 2, 'Racine', 'racine'),
    (2, 1, 1, 'Home', 'home'),
    (2, 1, 2, 'Accueil', 'accueil'),
    (3, 1, 1, 'Tableware', 'tableware'),
    (3, 1, 2, 'Vaisselle', 'vaisselle'),
    (4, 1, 1, 'Household linen', 'household-linen'),
    (4, 1, 2, 'Linge de maison', 'linge-de-maison'),
    (5, 1, 1, 'Lighting', 'lighting'),
    (5, 1, 2, 'Luminaires', 'luminaires'),
    (6, 1, 1, 'Paper and ink', 'paper-and-ink'),
    (6, 1, 2, 'Papier et encre', 'papier-et-encre');

INSERT INTO `PREFIX_manufacturer`
    (`id_manufacturer`, `name`, `date_add`, `date_upd`, `active`)
VALUES
    (1, 'Atelier Kiln', '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1),
    (2, 'Filature Basse', '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1),
    (3, 'Lumen & Fils', '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1),
    (4, 'Encre Claire', '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1);

INSERT INTO `PREFIX_product`
    (`id_product`, `id_manufacturer`, `id_category_default`, `id_shop_default`, `id_tax_rules_group`, `reference`, `price`, `weight`, `customizable`, `text_fields`, `active`, `is_virtual`, `cache_default_attribute`, `date_add`, `date_upd`, `state`, `product_type`)
VALUES
    (1, 1, 3, 1, 1, 'MD-MUG', 11.900000, 0.350000, 0, 0, 1, 0, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'standard'),
    (2, 1, 3, 1, 1, 'MD-PLATE', 19.120000, 0.350000, 0, 0, 1, 0, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'standard'),
    (3, 2, 4, 1, 1, 'MD-CLOTH', 54.083333, 0.350000, 0, 0, 1, 0, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'combinations'),
    (4, 2, 4, 1, 1, 'MD-NAPKIN', 15.750000, 0.350000, 0, 0, 1, 0, 3, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'combinations'),
    (5, 3, 5, 1, 1, 'MD-LAMP', 74.916667, 0.350000, 0, 0, 1, 0, 5, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'combinations'),
    (6, 3, 5, 1, 1, 'MD-LANTERN', 8.333333, 0.350000, 0, 0, 1, 0, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'standard'),
    (7, 4, 6, 1, 1, 'MD-BOOK', 6.500000, 0.350000, 0, 0, 1, 0, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'standard'),
    (8, 4, 6, 1, 1, 'MD-PEN', 23.900000, 0.350000, 0, 0, 1, 0, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'standard'),
    (9, 2, 4, 1, 1, 'MD-THROW', 65.000000, 0.350000, 0, 0, 1, 0, 7, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'combinations'),
    (10, 1, 3, 1, 1, 'MD-CARAFE', 28.290000, 0.350000, 0, 0, 1, 0, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'standard'),
    (11, 0, 3, 1, 1, 'MD-BOARD', 21.658333, 0.350000, 1, 1, 1, 0, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'standard'),
    (12, 0, 6, 1, 1, 'MD-RECIPES', 4.160000, 0.000000, 0, 0, 1, 1, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00', 1, 'virtual');

INSERT INTO `PREFIX_product_shop`
    (`id_product`, `id_shop`, `id_category_default`, `id_tax_rules_group`, `price`, `active`, `cache_default_attribute`, `date_add`, `date_upd`)
VALUES
    (1, 1, 3, 1, 11.900000, 1, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (2, 1, 3, 1, 19.120000, 1, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (3, 1, 4, 1, 54.083333, 1, 1, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (4, 1, 4, 1, 15.750000, 1, 3, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (5, 1, 5, 1, 74.916667, 1, 5, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (6, 1, 5, 1, 8.333333, 1, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (7, 1, 6, 1, 6.500000, 1, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (8, 1, 6, 1, 23.900000, 1, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (9, 1, 4, 1, 65.000000, 1, 7, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (10, 1, 3, 1, 28.290000, 1, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (11, 1, 3, 1, 21.658333, 1, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (12, 1, 6, 1, 4.160000, 1, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00');

INSERT INTO `PREFIX_product_lang`
    (`id_product`, `id_shop`, `id_lang`, `link_rewrite`, `name`)
VALUES
    (1, 1, 1, 'stoneware-mug', 'Stoneware mug'),
    (1, 1, 2, 'tasse-en-grès', 'Tasse en grès'),
    (2, 1, 1, 'dinner-plate', 'Dinner plate'),
    (2, 1, 2, 'assiette-plate', 'Assiette plate'),
    (3, 1, 1, 'linen-tablecloth', 'Linen tablecloth'),
    (3, 1, 2, 'nappe-en-lin', 'Nappe en lin'),
    (4, 1, 1, 'four-cotton-napkins', 'Four cotton napkins'),
    (4, 1, 2, 'quatre-serviettes-en-coton', 'Quatre serviettes en coton'),
    (5, 1, 1, 'table-lamp', 'Table lamp'),
    (5, 1, 2, 'lampe-de-table', 'Lampe de table'),
    (6, 1, 1, 'paper-lantern', 'Paper lantern'),
    (6, 1, 2, 'lanterne-en-papier', 'Lanterne en papier'),
    (7, 1, 1, 'pocket-notebook', 'Pocket notebook'),
    (7, 1, 2, 'carnet-de-poche', 'Carnet de poche'),
    (8, 1, 1, 'fountain-pen', 'Fountain pen'),
    (8, 1, 2, 'stylo-plume', 'Stylo plume'),
    (9, 1, 1, 'wool-throw', 'Wool throw'),
    (9, 1, 2, 'plaid-en-laine', 'Plaid en laine'),
    (10, 1, 1, 'glass-carafe', 'Glass carafe'),
    (10, 1, 2, 'carafe-en-verre', 'Carafe en verre'),
    (11, 1, 1, 'engraved-serving-board', 'Engraved serving board'),
    (11, 1, 2, 'planche-gravee', 'Planche gravée'),
    (12, 1, 1, 'book-of-recipes-pdf', 'Book of recipes (PDF)'),
    (12, 1, 2, 'livre-de-recettes-pdf', 'Livre de recettes (PDF)');

INSERT INTO `PREFIX_attribute_group`
    (`id_attribute_group`, `is_color_group`, `group_type`, `position`)
VALUES
    (1, 0, 'select', 0),
    (2, 1, 'color', 1);

INSERT INTO `PREFIX_attribute_group_lang`
    (`id_attribute_group`, `id_lang`, `name`, `public_name`)
VALUES
    (1, 1, 'Size', 'Size'),
    (1, 2, 'Taille', 'Taille'),
    (2, 1, 'Colour', 'Colour'),
    (2, 2, 'Couleur', 'Couleur');

INSERT INTO `PREFIX_attribute`
    (`id_attribute`, `id_attribute_group`, `color`, `position`)
VALUES
    (1, 1, '', 0),
    (2, 1, '', 1),
    (3, 2, '#E2CFA8', 0),
    (4, 2, '#32466E', 1),
    (5, 2, '#B59A57', 2),
    (6, 2, '#222222', 3);

INSERT INTO `PREFIX_attribute_lang`
    (`id_attribute`, `id_lang`, `name`)
VALUES
    (1, 1, 'Small'),
    (1, 2, 'Petit'),
    (2, 1, 'Large'),
    (2, 2, 'Grand'),
    (3, 1, 'Sand'),
    (3, 2, 'Sable'),
    (4, 1, 'Indigo'),
    (4, 2, 'Indigo'),
    (5, 1, 'Brass'),
    (5, 2, 'Laiton'),
    (6, 1, 'Black'),
    (6, 2, 'Noir');

INSERT INTO `PREFIX_product_attribute`
    (`id_product_attribute`, `id_product`, `reference`, `price`, `default_on`)
VALUES
    (1, 3, 'MD-CLOTH-S', 0.000000, 1),
    (2, 3, 'MD-CLOTH-L', 20.000000, NULL),
    (3, 4, 'MD-NAPKIN-SAND', 0.000000, 1),
    (4, 4, 'MD-NAPKIN-INDIGO', 0.000000, NULL),
    (5, 5, 'MD-LAMP-BRASS', 0.000000, 1),
    (6, 5, 'MD-LAMP-BLACK', -5.000000, NULL),
    (7, 9, 'MD-THROW-SAND-S', 0.000000, 1),
    (8, 9, 'MD-THROW-SAND-L', 18.333333, NULL),
    (9, 9, 'MD-THROW-INDIGO-S', 0.000000, NULL),
    (10, 9, 'MD-THROW-INDIGO-L', 18.333333, NULL);

INSERT INTO `PREFIX_product_attribute_combination`
    (`id_attribute`, `id_product_attribute`)
VALUES
    (1, 1),
    (2, 2),
    (3, 3),
    (4, 4),
    (5, 5),
    (6, 6),
    (3, 7),
    (1, 7),
    (3, 8),
    (2, 8),
    (4, 9),
    (1, 9),
    (4, 10),
    (2, 10);

INSERT INTO `PREFIX_image`
    (`id_image`, `id_product`, `position`, `cover`)
VALUES
    (1, 1, 1, 1),
    (2, 2, 1, 1),
    (3, 3, 1, 1),
    (4, 4, 1, 1),
    (5, 5, 1, 1),
    (6, 6, 1, 1),
    (7, 7, 1, 1),
    (8, 8, 1, 1),
    (9, 9, 1, 1),
    (10, 10, 1, 1),
    (12, 12, 1, 1),
    (13, 5, 2, NULL),
    (14, 9, 2, NULL);

INSERT INTO `PREFIX_image_shop`
    (`id_product`, `id_image`, `id_shop`, `cover`)
VALUES
    (1, 1, 1, 1),
    (2, 2, 1, 1),
    (3, 3, 1, 1),
    (4, 4, 1, 1),
    (5, 5, 1, 1),
    (6, 6, 1, 1),
    (7, 7, 1, 1),
    (8, 8, 1, 1),
    (9, 9, 1, 1),
    (10, 10, 1, 1),
    (12, 12, 1, 1),
    (5, 13, 1, NULL),
    (9, 14, 1, NULL);

INSERT INTO `PREFIX_tag`
    (`id_tag`, `id_lang`, `name`)
VALUES
    (1, 1, 'handmade'),
    (2, 1, 'gift'),
    (3, 1, 'organic'),
    (4, 2, 'fait main'),
    (5, 2, 'cadeau');

INSERT INTO `PREFIX_product_tag`
    (`id_product`, `id_tag`, `id_lang`)
VALUES
    (1, 1, 1),
    (1, 2, 1),
    (1, 4, 2),
    (2, 1, 1),
    (3, 3, 1),
    (8, 2, 1),
    (8, 5, 2),
    (9, 3, 1),
    (11, 1, 1),
    (11, 2, 1),
    (11, 5, 2);

INSERT INTO `PREFIX_customization_field`
    (`id_customization_field`, `id_product`, `type`, `required`, `is_module`, `is_deleted`)
VALUES
    (1, 11, 1, 0, 0, 0);

INSERT INTO `PREFIX_customization_field_lang`
    (`id_customization_field`, `id_lang`, `id_shop`, `name`)
VALUES
    (1, 1, 1, 'Engraving'),
    (1, 2, 1, 'Gravure');

-- ---------------- Customers: the one the data protection module keeps for erased people, and two who registered long ago

INSERT INTO `PREFIX_gender`
    (`id_gender`, `type`)
VALUES
    (1, 0),
    (2, 1);

INSERT INTO `PREFIX_gender_lang`
    (`id_gender`, `id_lang`, `name`)
VALUES
    (1, 1, 'Mr.'),
    (1, 2, 'M.'),
    (2, 1, 'Mrs.'),
    (2, 2, 'Mme');

INSERT INTO `PREFIX_customer`
    (`id_customer`, `id_shop_group`, `id_shop`, `id_gender`, `id_default_group`, `id_lang`, `company`, `firstname`, `lastname`, `email`, `passwd`, `birthday`, `newsletter`, `newsletter_date_add`, `optin`, `secure_key`, `active`, `is_guest`, `deleted`, `date_add`, `date_upd`)
VALUES
    (1, 1, 1, 1, 3, 1, NULL, 'Anonymous', 'Anonymous', 'anonymous@psgdpr.com', '', '0000-00-00', 0, '0000-00-00 00:00:00', 0, '00000000000000000000000000000001', 0, 0, 0, '2024-03-04 10:00:00', '2024-03-04 10:00:00'),
    (2, 1, 1, 2, 3, 2, '', 'Inès', 'Morel', 'ines.morel@example.com', '', '1987-04-12', 1, '2024-05-02 09:12:44', 0, '00000000000000000000000000000002', 1, 0, 0, '2024-05-02 09:12:44', '2024-05-02 09:12:44'),
    (3, 1, 1, 1, 3, 1, 'Hartley Interiors', 'Owen', 'Hartley', 'owen.hartley@example.com', '', '0000-00-00', 0, '0000-00-00 00:00:00', 0, '00000000000000000000000000000003', 1, 0, 0, '2024-09-17 18:40:03', '2024-09-17 18:40:03');

INSERT INTO `PREFIX_customer_group`
    (`id_customer`, `id_group`)
VALUES
    (1, 3),
    (2, 3),
    (3, 3);

INSERT INTO `PREFIX_address`
    (`id_address`, `id_country`, `id_state`, `id_customer`, `alias`, `company`, `lastname`, `firstname`, `address1`, `address2`, `postcode`, `city`, `phone`, `date_add`, `date_upd`, `active`, `deleted`)
VALUES
    (1, 8, 0, 2, 'My address', '', 'Morel', 'Inès', '7 rue des Lilas', '', '75020', 'Paris', '0100000000', '2024-05-02 09:14:10', '2024-05-02 09:14:10', 1, 0),
    (2, 21, 3, 3, 'Office', 'Hartley Interiors', 'Hartley', 'Owen', '210 Example Street', 'Suite 4', '97201', 'Portland', '5550100', '2024-09-17 18:42:55', '2024-09-17 18:42:55', 1, 0);

-- ---------------- Kinds of pages, as the statistics module knows them

INSERT INTO `PREFIX_page_type`
    (`id_page_type`, `name`)
VALUES
    (1, 'index'),
    (2, 'product'),
    (3, 'category'),
    (4, 'order'),
    (5, 'orderconfirmation'),
    (6, 'search'),
    (7, 'cart'),
    (8, 'registration');

INSERT INTO `PREFIX_page`
    (`id_page`, `id_page_type`, `id_object`)
VALUES
    (1, 1, NULL),
    (2, 2, 1),
    (3, 2, 2),
    (4, 2, 3),
    (5, 2, 4),
    (6, 2, 5),
    (7, 2, 6),
    (8, 2, 7),
    (9, 2, 8),
    (10, 2, 9),
    (11, 2, 10),
    (12, 2, 11),
    (13, 2, 12),
    (14, 3, 3),
    (15, 4, NULL),
    (16, 5, NULL),
    (17, 7, NULL),
    (18, 8, NULL);
