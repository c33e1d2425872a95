"""`orderwright settle`: what a restored database needs before it is used."""

from datetime import date

import click
from django.db import transaction

from orderwright.cli.django_command import DjangoCommand
from orderwright.kernel import actors, clock, events, feed
from orderwright.kernel.events import Happening

COUNTED_FROM = date(2026, 1, 1)


@click.command(cls=DjangoCommand)
def settle() -> None:
    """Begin a new epoch of the feed. `restore` does this by itself.

    The epoch's number is not below the number of days since the start of 2026, so that of two restores of one backup
    on two days, each has its own. The event that says so is the epoch's first: it lets readers see all before it.
    """
    with transaction.atomic():
        epoch = feed.begin_epoch(at_least=(clock.now().date() - COUNTED_FROM).days)
        events.record([Happening("feed.epoch_began", actors.system("restore"), {"epoch": epoch})])
