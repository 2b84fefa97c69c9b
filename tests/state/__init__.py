"""The state store: one conformance suite over fake and real, then what only a file can go through."""
