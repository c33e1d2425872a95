"""What customers pay with: the TENDERS book."""
