"""The class of commands that work with models: what the shop refuses is said in a sentence, without a traceback.

    @click.command(cls=DjangoCommand)
    def ship(…)

and a line with `django=True` in the table of `cli.main`, which sets Django up before the module is imported.
"""

import click
from django.db import ProgrammingError
from psycopg.errors import UndefinedTable

from orderwright.kernel.errors import Refusal


class DjangoCommand(click.Command):
    """A command that ends with exit code 1 and the refusal's sentence when a flow refuses."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            raise click.ClickException(f"{refusal} ({refusal.code})") from refusal
        except ProgrammingError as error:
            if not isinstance(error.__cause__, UndefinedTable):
                raise
            raise click.ClickException("The database has no tables of ours yet: orderwright migrate") from error
