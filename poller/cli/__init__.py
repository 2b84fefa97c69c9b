"""The doors, one file a command. No logic and no SQL may live here."""
