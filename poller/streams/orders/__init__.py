"""Orders: completed, cancelled, refunded. What the order is (facts), was (memory), and what both prove (derive)."""
