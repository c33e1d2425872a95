"""Models of exceptions."""
