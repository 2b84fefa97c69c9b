"""What `poller init` does: look at a shop, and propose settings and grants. Nothing that runs later may live here."""
