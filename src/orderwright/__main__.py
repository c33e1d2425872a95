"""`python -m orderwright` is the command `orderwright`."""

from orderwright.cli.main import main

main(prog_name="orderwright")
