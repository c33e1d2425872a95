"""Models of promises."""
