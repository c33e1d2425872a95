"""Who works here: people, roles and the keys of programs."""
