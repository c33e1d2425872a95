"""The command `orderwright`: one table of commands, each loaded only when it is asked for.

The process that watches all others is started from here and lives as long as the shop, so nothing at the top of this
file imports Django. A row that says `django=True` gets the database's URL into the environment and Django set up before
its module is imported; such a module may import models at its top like any other.
"""

import importlib
import sys
from dataclasses import dataclass

import click

from orderwright.runtime.binaries import PostgresMissing
from orderwright.runtime.cluster import EmbeddedError
from orderwright.runtime.django_setup import wake_django
from orderwright.runtime.processes import end_with_parent
from orderwright.runtime.tcp_ports import NoFreePort


@dataclass(frozen=True)
class Command:
    """Where a command is ("module:attribute"), what it does in a sentence, and whether it works with models."""

    target: str
    sentence: str
    django: bool = False


COMMANDS = {
    "run": Command("orderwright.cli.running:run", "Run the whole shop: database, web and worker."),
    "serve": Command("orderwright.cli.running:serve", "Run the web process only."),
    "worker": Command("orderwright.cli.running:worker", "Run the worker only."),
    "migrate": Command("orderwright.cli.migrating:migrate", "Bring the tables up to date.", django=True),
    "seed": Command("orderwright.cli.seeding:seed", "Make the demo shop.", django=True),
    "demo-world": Command("orderwright.cli.demo_world:demo_world", "Run the fakes around the demo shop (part of run)."),
    "demo-traffic": Command("orderwright.cli.traffic:demo_traffic", "Play live orders into a running shop."),
    "import": Command("orderwright.cli.importing:group", "Import orders or a catalog from files.", django=True),
    "stock": Command("orderwright.cli.stock:stock", "Stock levels from a CSV file, and into one.", django=True),
    "ship": Command("orderwright.cli.shipping:ship", "Release and ship all that can go out.", django=True),
    "deliver": Command("orderwright.cli.shipping:deliver", "Note that all that was shipped arrived.", django=True),
    "replay": Command("orderwright.cli.replaying:replay", "Play an imported year again, to its end.", django=True),
    "screenshots": Command("orderwright.cli.screenshots:screenshots", "Pictures of every page.", django=True),
    "audit": Command("orderwright.cli.auditing:command", "Check that every unit and penny is there.", django=True),
    "rebuild-summary": Command("orderwright.cli.rebuilding:rebuild", "Make the list of orders anew.", django=True),
    "draw": Command("orderwright.cli.drawing:draw", "Write the pages of the docs that are drawn from the code."),
    "keys": Command("orderwright.cli.keys:keys", "Issue, list and revoke API keys.", django=True),
    "people": Command("orderwright.cli.people:people", "Let people in to the desk, and set passwords.", django=True),
    "fake-provider": Command("orderwright.cli.faking:fake_provider", "Run a payment provider that takes no money."),
    "fake-carrier": Command("orderwright.cli.faking_carrier:fake_carrier", "Run a carrier that brings nothing."),
    "backup": Command("orderwright.cli.keeping:backup", "Write the whole database to a file."),
    "restore": Command("orderwright.cli.keeping:restore", "Read a backup into an empty database."),
    "settle": Command("orderwright.cli.settling:settle", "Begin anew after a restore (part of restore).", django=True),
    "psql": Command("orderwright.cli.keeping:psql", "Open psql on the shop's database."),
}


class LazyGroup(click.Group):
    """A group that reads its commands from a table and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        row = COMMANDS.get(cmd_name)
        if row is None:
            return None
        end_with_parent()
        if row.django and not ctx.resilient_parsing:
            wake_django(with_database="--help" not in sys.argv)
        module, attribute = row.target.split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the table's sentences, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, row.sentence) for name, row in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run; what an operator can put right is said in a sentence, without a traceback."""
        try:
            return super().invoke(ctx)
        except (EmbeddedError, PostgresMissing, NoFreePort) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="orderwright")
def main() -> None:
    """Orderwright: from the moment a customer orders to delivery and return.

    The database is the one that DATABASE_URL names (PostgreSQL 15 or newer), else an embedded one in the folder
    that ORDERWRIGHT_DATA names.
    """
