"""The real parts under random faults, against what the shop's own log says: `make torture`."""
