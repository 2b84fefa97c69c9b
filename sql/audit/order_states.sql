-- When orders entered which state.
-- reads      PREFIX_order_history
-- served by  order_history_order
SELECT
    h.id_order,
    h.id_order_history,
    h.id_order_state,
    h.date_add
FROM PREFIX_order_history AS h
WHERE h.id_order IN :ids
ORDER BY h.id_order_history
