"""How many units of each SKU are where: the STOCK book."""
