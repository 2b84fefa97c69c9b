-- Orders that got a payment since the watermark, by the invoice it was booked on: by reference, texts would be compared.
-- reads      PREFIX_order_payment, PREFIX_order_invoice_payment
-- served by  PRIMARY
SELECT
    t.id_order_payment AS mark_id,
    (
        SELECT MIN(i.id_order)
        FROM PREFIX_order_invoice_payment AS i
        WHERE i.id_order_payment = t.id_order_payment
    ) AS key_id,
    t.date_add AS stamp
FROM PREFIX_order_payment AS t
WHERE
    t.id_order_payment > :after_id
    AND t.id_order_payment <= :until_id
ORDER BY t.id_order_payment
LIMIT :page_size
