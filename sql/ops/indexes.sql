-- Indexes that make the poller's reading cheaper still. None is needed: PrestaShop's own serve every statement.
--
-- Look at `poller status` first. An index costs the shop a little at each write, so add one only where it buys something,
-- and drop it again with DROP INDEX. Both are built while the shop goes on selling, and survive PrestaShop's upgrades as
-- any index of a module does.

-- load/customer_orders: the lifetime counters of a customer are added up from this index alone, where otherwise each of
-- their orders is looked up in the table, old ones on disk. Buys most in a shop of businesses with hundreds of orders each.
CREATE INDEX poller_ledger
ON PREFIX_orders (id_customer, id_order, id_shop, id_currency, valid, current_state, total_paid_tax_incl, conversion_rate)
ALGORITHM = INPLACE LOCK = NONE;

-- load/order_history: the same for the states of those orders.
CREATE INDEX poller_ledger
ON PREFIX_order_history (id_order, id_order_history, id_order_state, id_employee, date_add)
ALGORITHM = INPLACE LOCK = NONE;
