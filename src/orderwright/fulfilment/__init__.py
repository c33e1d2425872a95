"""Which location does which part of an order."""
