"""`orderwright migrate`."""

import click
from django.core.management import call_command


@click.command()
@click.option("--quiet", is_flag=True, help="Say nothing when there is nothing to do.")
def migrate(quiet: bool) -> None:
    """Bring the tables up to date with this version of the program."""
    call_command("migrate", interactive=False, verbosity=0 if quiet else 1)
