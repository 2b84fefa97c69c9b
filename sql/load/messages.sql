-- Messages of the customer service with their threads, never their text.
-- reads      PREFIX_customer_message, PREFIX_customer_thread
-- served by  PRIMARY
SELECT
    m.id_customer_message,
    m.id_customer_thread,
    m.id_employee,
    m.private,
    m.date_add,
    t.id_shop,
    t.id_customer,
    t.id_order,
    t.email,
    (
        SELECT MIN(f.id_customer_message)
        FROM PREFIX_customer_message AS f
        WHERE f.id_customer_thread = m.id_customer_thread
    ) AS first_id
FROM PREFIX_customer_message AS m
LEFT JOIN PREFIX_customer_thread AS t
    ON m.id_customer_thread = t.id_customer_thread
WHERE m.id_customer_message IN :ids
