-- The order states with their flags and names; merchants edit them and modules add their own.
-- reads      PREFIX_order_state, PREFIX_order_state_lang
-- served by  full scan, the table is small
SELECT
    s.id_order_state,
    s.logable,
    s.paid,
    l.name
FROM PREFIX_order_state AS s
LEFT JOIN PREFIX_order_state_lang AS l
    ON s.id_order_state = l.id_order_state AND l.id_lang = :lang_id
