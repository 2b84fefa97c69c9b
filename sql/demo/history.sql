-- A big shop's past, for benchmarks and query plans: @orders orders spread evenly over the ten years before @until (the
-- shop's local time), and for every four of them a customer. Every number follows from the order's own, so that two runs
-- agree. MariaDB only: rows come from its sequence engine. Set the two variables, then run it after schema.sql.

SET SESSION sql_mode = '', unique_checks = 0, foreign_key_checks = 0;

SET
    @customers = GREATEST(@orders DIV 4, 1),
    @seconds = 10 * 365.25 * 86400,
    @customer = (SELECT COALESCE(MAX(id_customer), 0) FROM PREFIX_customer),
    @address = (SELECT COALESCE(MAX(id_address), 0) FROM PREFIX_address),
    @cart = (SELECT COALESCE(MAX(id_cart), 0) FROM PREFIX_cart),
    @order = (SELECT COALESCE(MAX(id_order), 0) FROM PREFIX_orders),
    @line = (SELECT COALESCE(MAX(id_order_detail), 0) FROM PREFIX_order_detail);

-- ---------------- Customers, one address each

INSERT INTO PREFIX_customer (
    id_customer, id_shop_group, id_shop, id_gender, id_default_group, id_lang, company, firstname, lastname, email, passwd,
    last_passwd_gen, birthday, newsletter, newsletter_date_add, optin, secure_key, active, is_guest, deleted, date_add, date_upd
)
SELECT
    @customer + n.seq, 1, 1, n.seq % 3, 3, 1 + n.seq % 2, '', CONCAT('First', n.seq % 500), CONCAT('Last', n.seq % 3000),
    CONCAT('customer', @customer + n.seq, '@example.com'), '', '2016-01-01', '0000-00-00', n.seq % 3 = 0, '0000-00-00 00:00:00', 0,
    MD5(n.seq), 1, n.seq % 10 = 0, 0,
    @until - INTERVAL @seconds * (1 - (n.seq - 1) / @customers) SECOND,
    @until - INTERVAL @seconds * (1 - (n.seq - 1) / @customers) SECOND
FROM seq_1_to_CUSTOMERS AS n;

INSERT INTO PREFIX_customer_group (id_customer, id_group)
SELECT @customer + n.seq, IF(n.seq % 10 = 0, 2, 3)
FROM seq_1_to_CUSTOMERS AS n;

INSERT INTO PREFIX_address (
    id_address, id_country, id_state, id_customer, alias, company, lastname, firstname, address1, address2, postcode, city,
    phone, date_add, date_upd, active, deleted
)
SELECT
    @address + n.seq, 8, 0, @customer + n.seq, 'My address', '', CONCAT('Last', n.seq % 3000), CONCAT('First', n.seq % 500),
    CONCAT(1 + n.seq % 99, ' rue de l''Exemple'), '', LPAD(n.seq % 95000, 5, '0'), CONCAT('Town ', n.seq % 700),
    '0100000000',
    @until - INTERVAL @seconds * (1 - (n.seq - 1) / @customers) SECOND,
    @until - INTERVAL @seconds * (1 - (n.seq - 1) / @customers) SECOND, 1, 0
FROM seq_1_to_CUSTOMERS AS n;

-- ---------------- Carts: three for every two orders, so one in three was left behind

INSERT INTO PREFIX_cart (
    id_cart, id_shop_group, id_shop, id_carrier, delivery_option, id_lang, id_address_delivery, id_address_invoice,
    id_currency, id_customer, id_guest, secure_key, date_add, date_upd
)
SELECT
    @cart + n.seq, 1, 1, 2, '', 1, 0, 0, IF(n.seq % 10 = 0, 2, 1),
    IF(n.seq <= @orders, @customer + 1 + CRC32(n.seq) % @customers, 0), n.seq, '',
    @until - INTERVAL @seconds * (1 - (n.seq - 1) % @orders / @orders) SECOND - INTERVAL 20 MINUTE,
    @until - INTERVAL @seconds * (1 - (n.seq - 1) % @orders / @orders) SECOND - INTERVAL 5 MINUTE
FROM seq_1_to_CARTS AS n;

INSERT INTO PREFIX_cart_product (
    id_cart, id_product, id_address_delivery, id_shop, id_product_attribute, id_customization, quantity, date_add
)
SELECT
    @cart + n.seq, 1 + n.seq % 12, 0, 1, 0, 0, 1 + n.seq % 3,
    @until - INTERVAL @seconds * (1 - (n.seq - 1) % @orders / @orders) SECOND - INTERVAL 20 MINUTE
FROM seq_1_to_CARTS AS n;

-- ---------------- Orders: one to five lines at prices of whole cents with and without tax; then what the lines add up to

INSERT INTO PREFIX_order_detail (
    id_order_detail, id_order, id_order_invoice, id_shop, product_id, product_attribute_id, product_name, product_quantity,
    product_quantity_in_stock, product_quantity_refunded, product_price, product_reference, product_weight,
    id_tax_rules_group, tax_name, total_price_tax_incl, total_price_tax_excl, unit_price_tax_incl, unit_price_tax_excl,
    original_product_price, total_refunded_tax_excl, total_refunded_tax_incl
)
SELECT
    @line + (n.seq - 1) * 5 + k.seq, @order + n.seq, 0, 1, 1 + (n.seq + k.seq) % 12, 0,
    CONCAT('Product ', 1 + (n.seq + k.seq) % 12), 1 + (n.seq + k.seq) % 3, 1,
    k.seq = 1 AND n.seq % 33 = 4, (100 + CRC32(n.seq * 8 + k.seq) % 1500) * 0.05, CONCAT('MD-', (n.seq + k.seq) % 12), 0.35,
    1, '',
    (100 + CRC32(n.seq * 8 + k.seq) % 1500) * 0.06 * (1 + (n.seq + k.seq) % 3),
    (100 + CRC32(n.seq * 8 + k.seq) % 1500) * 0.05 * (1 + (n.seq + k.seq) % 3),
    (100 + CRC32(n.seq * 8 + k.seq) % 1500) * 0.06,
    (100 + CRC32(n.seq * 8 + k.seq) % 1500) * 0.05,
    (100 + CRC32(n.seq * 8 + k.seq) % 1500) * 0.05,
    IF(k.seq = 1 AND n.seq % 33 = 4, (100 + CRC32(n.seq * 8 + k.seq) % 1500) * 0.05, 0),
    IF(k.seq = 1 AND n.seq % 33 = 4, (100 + CRC32(n.seq * 8 + k.seq) % 1500) * 0.06, 0)
FROM seq_1_to_ORDERS AS n
INNER JOIN seq_1_to_5 AS k ON k.seq <= 1 + n.seq % 5;

INSERT INTO PREFIX_orders (
    id_order, reference, id_shop_group, id_shop, id_carrier, id_lang, id_customer, id_cart, id_currency,
    id_address_delivery, id_address_invoice, current_state, secure_key, payment, conversion_rate, module, total_paid,
    total_paid_tax_incl, total_paid_tax_excl, total_paid_real, total_products, total_products_wt, total_shipping,
    total_shipping_tax_incl, total_shipping_tax_excl, carrier_tax_rate, round_mode, round_type, invoice_date, delivery_date,
    valid, date_add, date_upd
)
SELECT
    @order + n.seq, LPAD(CONV(@order + n.seq, 10, 36), 9, '0'), 1, 1, 2, 1, @customer + 1 + CRC32(n.seq) % @customers,
    @cart + n.seq, IF(n.seq % 10 = 0, 2, 1), @address + 1 + CRC32(n.seq) % @customers,
    @address + 1 + CRC32(n.seq) % @customers, CASE n.seq % 20 WHEN 0 THEN 6 WHEN 1 THEN 7 WHEN 2 THEN 10 ELSE 5 END, '',
    'Bank transfer', IF(n.seq % 10 = 0, 1.095, 1), 'ps_wirepayment', n.gross + 6, n.gross + 6, n.net + 5,
    IF(n.seq % 20 IN (0, 2), 0, n.gross + 6), n.net, n.gross, 6, 6, 5, 20, 2, 2, '0000-00-00 00:00:00',
    '0000-00-00 00:00:00', n.seq % 20 > 2,
    @until - INTERVAL @seconds * (1 - (n.seq - 1) / @orders) SECOND,
    LEAST(@until, @until - INTERVAL @seconds * (1 - (n.seq - 1) / @orders) SECOND + INTERVAL 2 DAY)
FROM (
    SELECT
        m.seq, SUM((100 + CRC32(m.seq * 8 + k.seq) % 1500) * 0.05 * (1 + (m.seq + k.seq) % 3)) AS net,
        SUM((100 + CRC32(m.seq * 8 + k.seq) % 1500) * 0.06 * (1 + (m.seq + k.seq) % 3)) AS gross
    FROM seq_1_to_ORDERS AS m
    INNER JOIN seq_1_to_5 AS k ON k.seq <= 1 + m.seq % 5
    GROUP BY m.seq
) AS n;

-- ---------------- Their states: placed, paid, and then prepared, shipped and delivered, or cancelled, or refunded

INSERT INTO PREFIX_order_history (id_employee, id_order, id_order_state, date_add)
SELECT
    k.seq > 1, @order + n.seq,
    CASE
        WHEN k.seq = 1 THEN 10
        WHEN n.seq % 20 = 0 THEN 6
        WHEN k.seq = 2 THEN 2
        WHEN n.seq % 20 = 1 THEN 7
        WHEN n.seq % 20 > 17 THEN k.seq
        ELSE 5
    END,
    LEAST(@until, @until - INTERVAL @seconds * (1 - (n.seq - 1) / @orders) SECOND + INTERVAL (k.seq - 1) * 12 HOUR)
FROM seq_1_to_ORDERS AS n
INNER JOIN seq_1_to_5 AS k
    ON k.seq <= CASE WHEN n.seq % 20 = 0 THEN 2 WHEN n.seq % 20 = 2 THEN 1 WHEN n.seq % 20 > 17 THEN 5 ELSE 3 END
ORDER BY n.seq, k.seq;

INSERT INTO PREFIX_order_carrier (
    id_order, id_carrier, id_order_invoice, weight, shipping_cost_tax_excl, shipping_cost_tax_incl, tracking_number, date_add
)
SELECT @order + n.seq, 2, 0, 0.35, 5, 6, '', @until - INTERVAL @seconds * (1 - (n.seq - 1) / @orders) SECOND
FROM seq_1_to_ORDERS AS n;

INSERT INTO PREFIX_order_payment (
    order_reference, id_currency, amount, payment_method, conversion_rate, transaction_id, date_add
)
SELECT o.reference, o.id_currency, o.total_paid, o.payment, o.conversion_rate, '', o.date_upd
FROM PREFIX_orders AS o
WHERE o.id_order > @order AND o.total_paid_real > 0;

-- ---------------- Credit slips: one unit of the first line, of one order in thirty-three

INSERT INTO PREFIX_order_slip (
    conversion_rate, id_customer, id_order, total_products_tax_excl, total_products_tax_incl, total_shipping_tax_excl,
    total_shipping_tax_incl, shipping_cost, amount, shipping_cost_amount, partial, order_slip_type, date_add, date_upd
)
SELECT
    o.conversion_rate, o.id_customer, o.id_order, l.unit_price_tax_excl, l.unit_price_tax_incl, 0, 0, 0,
    l.unit_price_tax_incl, 0, 0, 0, o.date_upd, o.date_upd
FROM seq_1_to_ORDERS AS n
INNER JOIN PREFIX_orders AS o ON o.id_order = @order + n.seq
INNER JOIN PREFIX_order_detail AS l ON l.id_order_detail = @line + (n.seq - 1) * 5 + 1
WHERE n.seq % 33 = 4
ORDER BY n.seq;

INSERT INTO PREFIX_order_slip_detail (
    id_order_slip, id_order_detail, product_quantity, unit_price_tax_excl, unit_price_tax_incl, total_price_tax_excl,
    total_price_tax_incl, amount_tax_excl, amount_tax_incl
)
SELECT
    s.id_order_slip, l.id_order_detail, 1, l.unit_price_tax_excl, l.unit_price_tax_incl, l.unit_price_tax_excl,
    l.unit_price_tax_incl, l.unit_price_tax_excl, l.unit_price_tax_incl
FROM PREFIX_order_slip AS s
INNER JOIN PREFIX_order_detail AS l ON l.id_order = s.id_order AND l.product_quantity_refunded = 1
WHERE s.id_order > @order;

SET SESSION unique_checks = 1, foreign_key_checks = 1;
