"""The REST interface under /v1: it parses, calls one flow or query, and renders."""
