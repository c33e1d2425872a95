"""Who buys, and where they live."""
