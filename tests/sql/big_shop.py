"""A shop of real size for query plans: the demo's past, and a catalogue, vouchers and consents to go with it."""

from poller.demo.history import fill
from poller.demo.server import Connection

ORDERS = 50_000
"""Plans are those of larger shops: with fewer rows the server likes whole tables better, so this is the harder case."""

_MORE = """
INSERT INTO PREFIX_product (id_product, id_manufacturer, id_category_default)
SELECT 1000 + n.seq, 1 + n.seq % 4, 2 + n.seq % 5 FROM seq_1_to_20000 AS n;
INSERT INTO PREFIX_product_lang (id_product, id_shop, id_lang, name, link_rewrite)
SELECT 1000 + n.seq, 1, l.seq, CONCAT('Thing ', n.seq), 'thing' FROM seq_1_to_20000 AS n JOIN seq_1_to_2 AS l;
INSERT INTO PREFIX_image (id_product, position, cover)
SELECT 1000 + n.seq, c.seq, IF(c.seq = 1, 1, NULL) FROM seq_1_to_20000 AS n JOIN seq_1_to_2 AS c;
INSERT INTO PREFIX_tag (id_tag, id_lang, name)
SELECT 100 + n.seq, 1 + n.seq % 2, CONCAT('tag ', n.seq) FROM seq_1_to_2000 AS n;
INSERT INTO PREFIX_product_tag (id_product, id_tag, id_lang)
SELECT 1000 + n.seq, 101 + (n.seq * 2 + t.seq) % 2000, 1 + t.seq % 2 FROM seq_1_to_20000 AS n JOIN seq_1_to_2 AS t;
INSERT INTO PREFIX_product_attribute_combination (id_attribute, id_product_attribute)
SELECT 1 + n.seq % 6, 1000 + n.seq FROM seq_1_to_40000 AS n;
INSERT INTO PREFIX_customized_data (id_customization, type, `index`, value)
SELECT n.seq, 1, 1, 'Anna' FROM seq_1_to_20000 AS n;
INSERT INTO PREFIX_cart_rule (id_cart_rule, id_customer, code, reduction_amount)
SELECT 1000 + n.seq, IF(n.seq % 2, 0, n.seq), CONCAT('V', n.seq, 'C', n.seq, 'O', n.seq), 10 FROM seq_1_to_20000 AS n;
INSERT INTO PREFIX_order_cart_rule (id_order, id_cart_rule, name, value)
SELECT n.seq * 3, 1000 + n.seq, 'Discount', 10 FROM seq_1_to_15000 AS n;
INSERT INTO PREFIX_cart_rule_lang (id_cart_rule, id_lang, name)
SELECT 1000 + n.seq, l.seq, 'Discount' FROM seq_1_to_20000 AS n JOIN seq_1_to_2 AS l;
INSERT IGNORE INTO PREFIX_cart_product (id_cart, id_product, id_product_attribute, quantity, date_add)
SELECT n.seq, 1000 + (n.seq * 3 + l.seq) % 20000, 0, 1, NOW() FROM seq_1_to_50000 AS n JOIN seq_1_to_2 AS l;
INSERT IGNORE INTO PREFIX_cart_cart_rule (id_cart, id_cart_rule)
SELECT n.seq * 2, 1000 + n.seq % 20000 FROM seq_1_to_25000 AS n;
INSERT IGNORE INTO PREFIX_product_shop (id_product, id_shop, price, date_add, date_upd)
SELECT 1000 + n.seq, 1, 10, NOW(), NOW() FROM seq_1_to_20000 AS n;
INSERT IGNORE INTO PREFIX_product_attribute (id_product_attribute, id_product, reference)
SELECT 1000 + n.seq, 1000 + n.seq % 20000, 'R' FROM seq_1_to_40000 AS n;
INSERT IGNORE INTO PREFIX_product_attribute_shop (id_product_attribute, id_product, id_shop)
SELECT 1000 + n.seq, 1000 + n.seq % 20000, 1 FROM seq_1_to_40000 AS n;
INSERT IGNORE INTO PREFIX_carrier (id_carrier, name)
SELECT 100 + n.seq, 'Carrier' FROM seq_1_to_5000 AS n;
INSERT INTO PREFIX_psgdpr_log (id_customer, id_guest, client_name, id_module, request_type, date_add, date_upd)
SELECT n.seq % 12000, 0, '', 1, IF(n.seq % 500, 1, 4), NOW(), NOW() FROM seq_1_to_20000 AS n;
INSERT INTO PREFIX_customer_session (id_customer, token, date_add, date_upd)
SELECT n.seq % 12000, '', NOW(), NOW() FROM seq_1_to_20000 AS n;
INSERT INTO PREFIX_emailsubscription (email, newsletter_date_add, ip_registration_newsletter, active)
SELECT CONCAT('visitor', n.seq, '@example.com'), NOW(), '', 1 FROM seq_1_to_20000 AS n;
INSERT INTO PREFIX_mail (recipient, template, subject, id_lang)
SELECT CONCAT('shopper', n.seq, '@example.com'), 'order_conf', 'Thanks', 1 FROM seq_1_to_20000 AS n;
INSERT INTO PREFIX_customer_thread (id_lang, id_contact, id_customer, email, date_add, date_upd)
SELECT 1, 1, n.seq % 12000, '', NOW(), NOW() FROM seq_1_to_10000 AS n;
INSERT INTO PREFIX_customer_message (id_customer_thread, message, date_add, date_upd)
SELECT 1 + n.seq % 10000, 'Hello', NOW(), NOW() FROM seq_1_to_20000 AS n;
INSERT INTO PREFIX_statssearch (keywords, results, date_add)
SELECT CONCAT('mug ', n.seq), 3, NOW() FROM seq_1_to_20000 AS n;
INSERT INTO PREFIX_wishlist (id_wishlist, id_customer, token, name, date_add, date_upd)
SELECT n.seq, n.seq, '', 'Mine', NOW(), NOW() FROM seq_1_to_12000 AS n;
INSERT INTO PREFIX_wishlist_product (id_wishlist, id_product, id_product_attribute, quantity, priority)
SELECT 1 + n.seq % 12000, 1000 + n.seq % 20000, 0, 1, 1 FROM seq_1_to_50000 AS n;
INSERT INTO PREFIX_blockwishlist_statistics (id_cart, id_product, id_product_attribute, date_add)
SELECT n.seq, 1000 + n.seq % 20000, 0, NOW() FROM seq_1_to_50000 AS n;
INSERT INTO PREFIX_category_lang (id_category, id_shop, id_lang, name, link_rewrite)
SELECT 1000 + n.seq, 1, l.seq, 'Things', 'things' FROM seq_1_to_10000 AS n JOIN seq_1_to_2 AS l;
INSERT INTO PREFIX_guest (id_guest, id_customer) SELECT n.seq, n.seq % 3 FROM seq_1_to_20000 AS n;
INSERT INTO PREFIX_connections (id_connections, id_guest, id_page, date_add)
SELECT n.seq, 1 + n.seq % 20000, 1, NOW() FROM seq_1_to_50000 AS n;
INSERT INTO PREFIX_connections_source (id_connections, request_uri, date_add)
SELECT n.seq, IF(n.seq % 9, '/', 'shop.example.com/?utm_source=mail'), NOW() FROM seq_1_to_20000 AS n;
INSERT INTO PREFIX_page (id_page, id_page_type, id_object) SELECT 100 + n.seq, 2, 1000 + n.seq FROM seq_1_to_5000 AS n;
INSERT INTO PREFIX_connections_page (id_connections, id_page, time_start)
SELECT n.seq, 101 + (n.seq + p.seq) % 5000, NOW() FROM seq_1_to_50000 AS n JOIN seq_1_to_3 AS p;
INSERT INTO PREFIX_page_type (name) SELECT CONCAT('module', n.seq) FROM seq_1_to_600 AS n;
INSERT INTO PREFIX_order_slip (id_order, total_products_tax_incl, date_add)
SELECT n.seq * 2, 10, NOW() FROM seq_1_to_20000 AS n
"""
_TABLES = (
    "address attribute attribute_lang blockwishlist_statistics carrier cart cart_cart_rule cart_product cart_rule "
    "cart_rule_lang category_lang "
    "configuration connections connections_page connections_source country country_lang currency customer customer_message "
    "customer_session customer_thread "
    "customization_field_lang customized_data emailsubscription gender guest image mail manufacturer order_carrier "
    "order_cart_rule "
    "order_detail order_history order_payment order_slip order_slip_detail order_state order_state_lang orders page page_type "
    "product "
    "product_attribute product_attribute_combination product_attribute_shop product_lang product_shop product_tag "
    "psgdpr_log shop shop_url state statssearch tag wishlist wishlist_product"
)


def make_big(connection: Connection) -> None:
    """Fill the demo shop of this connection's database, and let the server count what it has."""
    fill(connection, ORDERS)
    with connection.cursor() as cursor:
        for statement in _MORE.replace("PREFIX_", "ps_").split(";\n"):
            cursor.execute(statement)
        cursor.execute("ANALYZE TABLE " + ", ".join(f"ps_{table}" for table in _TABLES.split()))
