"""What customers asked for: the LINES book."""
