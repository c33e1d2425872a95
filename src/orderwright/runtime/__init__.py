"""What keeps Orderwright running on a machine: its database, its processes. Nothing of the trade is in here."""
