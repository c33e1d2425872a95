"""`orderwright rebuild-summary`."""

import click
from tqdm import tqdm

from orderwright.cli.django_command import DjangoCommand
from orderwright.flows import summarize
from orderwright.kernel import sql


@click.command("rebuild-summary", cls=DjangoCommand)
@click.option("--chunk", default=500, show_default=True, type=click.IntRange(1, 5000), help="Orders a transaction.")
def rebuild(chunk: int) -> None:
    """Make the summary of every order anew from the books, in short transactions, while the shop goes on.

    Lists and filters read the summaries; nothing decides by them.  Only what was wrong is written.
    """
    with tqdm(total=int(sql.value("SELECT count(*) FROM orders")), unit="order", disable=None) as bar:
        rebuilt = summarize.rebuild(chunk, bar.update)
    click.echo(f"{rebuilt.looked_at:,} orders, {rebuilt.put_right:,} summaries put right.")
