"""Visits, pure: the pages that visitors view, as the module statsdata logs them. Nothing here reads or writes."""
