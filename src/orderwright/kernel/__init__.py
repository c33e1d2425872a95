"""What every room stands on: books, events, states, money, refusals, ports.  No trade words in here."""
