"""Shipments, packages, labels, and where packages are: the carriers' part of an order's way."""
