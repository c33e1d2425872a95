"""`orderwright keys issue`, `list` and `revoke`."""

import click

from orderwright.cli.django_command import DjangoCommand
from orderwright.kernel import actors
from orderwright.staff import keys as staff_keys
from orderwright.staff.permissions import SCOPES

ACTOR = actors.system("command_line")


@click.group()
def keys() -> None:
    """The keys of programs that call the API."""


@keys.command(cls=DjangoCommand)
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice([*SCOPES, "all"]), required=True)
@click.option("--calls-per-minute", default=staff_keys.CALLS_PER_MINUTE, show_default=True)
def issue(name: str, scopes: tuple[str, ...], calls_per_minute: int) -> None:
    """Give the program NAME a key, and print it; it cannot be shown again."""
    granted = list(SCOPES) if "all" in scopes else list(scopes)
    issued = staff_keys.issue(name, granted, actor=ACTOR, calls_per_minute=calls_per_minute)
    click.echo(f"Key {issued.client.id}, which is shown this once:", err=True)
    click.echo(issued.token)


@keys.command("list", cls=DjangoCommand)
def list_keys() -> None:
    """List the keys, without their secrets."""
    after = 0
    while page := staff_keys.listed(after=after):
        for key in page:
            ended = f"revoked {key.revoked_at:%Y-%m-%d}" if key.revoked_at else f"{key.calls_per_minute} calls/min"
            click.echo(f"{key.id:>5}  {key.hint}…  {key.name}  {ended}  {' '.join(key.scopes)}")
        after = page[-1].id


@keys.command(cls=DjangoCommand)
@click.argument("key_id", type=click.IntRange(1, 2**63 - 1))
def revoke(key_id: int) -> None:
    """Have the key KEY_ID open nothing any more; running processes notice within a second."""
    key = staff_keys.revoke(key_id, actor=ACTOR)
    click.echo(f"Key {key.id} ({key.name}) is revoked.")
