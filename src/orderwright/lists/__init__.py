"""Lists: finding orders and customers by words and facets, saved views, and acting on many orders at once."""
