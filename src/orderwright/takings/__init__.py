"""What was sold and when: orders and their worth by quarter of an hour and channel, counted from the log."""
