"""Pure rules: values in, values out. No clock, no randomness, no I/O, no library may live here."""
