"""Orderwright: an order management system on double-entry books."""

__version__ = "0.1.0"
