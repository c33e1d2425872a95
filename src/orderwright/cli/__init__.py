"""The command line: `orderwright --help`."""
