"""What customers were told: a date for each line, its reason, and whether it was kept."""
