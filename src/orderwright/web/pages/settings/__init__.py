"""Pages of the shop's settings, a module a noun."""
