-- The states that orders are in.
-- reads      PREFIX_orders
-- served by  current_state
SELECT DISTINCT o.current_state
FROM PREFIX_orders AS o
