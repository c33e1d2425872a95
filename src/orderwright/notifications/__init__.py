"""Letters to customers and to the shop's own people: what is written, to whom, when, and how it got there."""
