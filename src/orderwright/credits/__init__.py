"""Credits: money that the shop owes: gift cards, and what it has put to a customer's credit."""
