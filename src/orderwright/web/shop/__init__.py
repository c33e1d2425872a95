"""The pages that buyers see: the shop front, checkout, tracking, accounts."""
