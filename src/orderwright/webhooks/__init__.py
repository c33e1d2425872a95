"""Webhooks: every event, signed, to whoever wants to hear of it."""
