"""The audit: the shop's own rows against what was told. Nothing of how events are derived may be used here."""
