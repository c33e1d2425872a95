"""A year that was imported, played again: stock comes, locations say no, parcels get lost, and promises are kept."""
