"""A small shop to look at: what it sells, who buys, and a month of orders in every state, made through the flows."""
