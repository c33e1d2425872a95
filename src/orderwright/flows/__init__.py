"""Sentences that cross rooms: each file one flow, each flow one transaction over a batch."""
