"""Pages for people, made on the server: the mailbox of a shop without a mail provider, and the end of letters."""
