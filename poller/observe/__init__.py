"""How the poller is seen: logs and service notifications. No decision may live here."""
