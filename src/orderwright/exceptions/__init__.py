"""What needs somebody: found by queries over the books, each with its cause and what to do next."""
