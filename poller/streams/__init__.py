"""What the shop does, one thing a file: its facts, its memory and what they prove. No clock, no I/O, no library."""
