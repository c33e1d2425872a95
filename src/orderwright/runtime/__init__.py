"""What starts, watches and stops the processes: embedded PostgreSQL, web, worker."""
