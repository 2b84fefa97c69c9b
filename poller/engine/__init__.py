"""The work itself, over ports. No SQL, no HTTP, no file may live here."""
