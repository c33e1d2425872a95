"""`orderwright seed`: the demo shop."""

import os
import random
import secrets
from datetime import timedelta
from pathlib import Path

import click
from django.db import transaction

from orderwright.cli.django_command import DjangoCommand
from orderwright.demo import building, delivering, hiring, trading
from orderwright.kernel import actors, clock, sql
from orderwright.runtime.folders import data_folder
from orderwright.staff import keys
from orderwright.staff.permissions import SCOPES

DICE = 1906
CALLS_PER_MINUTE = 1_000_000
SYLLABLES = [start + vowel for start in "bdfgklmnprstvz" for vowel in "aeiou"]  # 70: eight pairs are 98 bits


@click.command(cls=DjangoCommand)
@click.option("--if-empty", is_flag=True, help="Do nothing where a shop is already, and print no secrets.")
def seed(if_empty: bool) -> None:
    """Make the demo shop in an empty database: its catalog, stock, customers, and a month of orders in every state.

    All of it is made through the flows, in one transaction. The key of the demo's API client, which may do everything,
    and the password of the demo's people are written to the data folder, and printed.
    """
    with transaction.atomic():
        sql.run("LOCK TABLE channel IN EXCLUSIVE MODE")
        if sql.value("SELECT EXISTS (SELECT FROM sku) OR EXISTS (SELECT FROM channel)"):
            if if_empty:
                return
            raise click.ClickException("There is a shop in this database already; the demo is made in an empty one.")
        orders = _make()
        issued = keys.issue("demo", list(SCOPES), actor=actors.system("demo"), calls_per_minute=CALLS_PER_MINUTE)
        password = "-".join(secrets.choice(SYLLABLES) + secrets.choice(SYLLABLES) for _ in range(8))
        hiring.let_in(password)
        _keep(data_folder().demo_key, issued.token)
        _keep(data_folder().demo_password, password)
    click.echo(f"Made the demo shop: {orders} orders.")
    if not if_empty:  # `orderwright run` asks for it so, and says these itself
        click.echo(f"Its API key, also in {data_folder().demo_key}: {issued.token}")
        click.echo(f"Sign in as {hiring.OWNER} with the password {password}")


def _make() -> int:
    dice = random.Random(DICE)
    with clock.at(clock.now() - timedelta(days=trading.DAYS + 10)):
        building.build(dice)
        delivering.offer()
        delivering.agree()
    orders = trading.trade(dice)
    delivering.tell_of_webhooks()
    return orders


def _keep(path: Path, token: str) -> None:
    """Write the key where only its owner can read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(token + "\n")
