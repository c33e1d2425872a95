"""`orderwright ship --all` and `orderwright deliver --all`: what can go on does."""

from collections import Counter

import click
from tqdm import tqdm

from orderwright.cli.django_command import DjangoCommand
from orderwright.flows import finish_orders
from orderwright.kernel import actors
from orderwright.orders.status import Status

ACTOR = actors.system("cli")


@click.command(cls=DjangoCommand)
@click.option(
    "--all", "everything", is_flag=True, required=True, help="All orders that are ready or with the warehouse."
)
def ship(everything: bool) -> None:
    """Release and ship all orders that can go out; it can be stopped and goes on where it was."""
    assert everything
    with _bar((Status.READY, Status.IN_WORK, Status.PARTLY_SHIPPED)) as bar:
        _print(finish_orders.ship_everything(actor=ACTOR, progress=bar.update), done="shipped")


@click.command(cls=DjangoCommand)
@click.option("--all", "everything", is_flag=True, required=True, help="All orders that were shipped.")
def deliver(everything: bool) -> None:
    """Note that all that was shipped arrived; it can be stopped and goes on where it was."""
    assert everything
    with _bar((Status.SHIPPED, Status.PARTLY_SHIPPED)) as bar:
        _print(finish_orders.deliver_everything(actor=ACTOR, progress=bar.update), done="delivered")


def _bar(statuses: tuple[Status, ...]) -> tqdm:
    """A progress bar, on a terminal only."""
    return tqdm(total=finish_orders.count(statuses), unit="orders", disable=None)


def _print(tally: Counter[str], *, done: str) -> None:
    click.echo(f"{tally[done]} orders {done}.")
    for code, orders in sorted(tally.items()):
        if code != done:
            click.echo(f"{orders} not: {code}.")
