"""A private database, a small living shop and a receiver: to see the poller work. Nothing of it runs in production."""
