"""Measures Orderwright beside a hand-written baseline, in one run on one server: `make bench`."""
