"""What happens in carts before there is an order. No SQL, no clock, no message format lives here."""
