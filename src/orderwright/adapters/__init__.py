"""Plain objects that talk to the outside; entry points load them, nobody imports them."""
