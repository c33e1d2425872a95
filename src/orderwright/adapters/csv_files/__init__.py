"""Orders in CSV files, plain or packed with xz."""
