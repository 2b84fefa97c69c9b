"""The edge to the state store. Nothing else may write what must survive a crash."""
