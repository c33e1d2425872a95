"""Choosing the locations that an order's units come from, and saying why."""
