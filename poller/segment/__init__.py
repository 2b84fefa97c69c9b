"""The edge to Segment. Nothing else may build a message or open a connection to its API."""
