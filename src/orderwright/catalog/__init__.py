"""What we sell, where we sell it, and at which price."""
