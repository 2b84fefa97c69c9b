-- The carriers of orders, and what their parcels are tracked by.
-- reads      PREFIX_order_carrier, PREFIX_carrier
-- served by  id_order
SELECT
    c.id_order,
    c.tracking_number,
    k.name
FROM PREFIX_order_carrier AS c
LEFT JOIN PREFIX_carrier AS k
    ON c.id_carrier = k.id_carrier
WHERE c.id_order IN :ids
ORDER BY c.id_order_carrier
