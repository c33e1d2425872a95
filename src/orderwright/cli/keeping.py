"""`orderwright backup`, `restore` and `psql`."""

import os
import subprocess
import sys
from pathlib import Path

import click

from orderwright.cli import main as table
from orderwright.runtime.backups import BackupRefused, back_up, connection
from orderwright.runtime.backups import restore as restore_into
from orderwright.runtime.binaries import wheel_bin
from orderwright.runtime.database import database_url


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the whole database to FILE, while the shop works."""
    try:
        back_up(database_url(), file)
    except BackupRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo(f"Backed up to {file} ({file.stat().st_size / 1e6:.1f} MB).")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--into", "url", help="The URL of another database; else the shop's own.")
@click.option("--replace", is_flag=True, help="Throw away what is in the database.")
def restore(file: Path, url: str | None, replace: bool) -> None:
    """Read the backup in FILE into an empty database, bring it up to date, and audit its books.

    Readers of the feed go on behind what they have read: a new epoch begins with what happens from now on.
    """
    url = url or database_url()
    try:
        restore_into(file, url, replace=replace)
    except BackupRefused as refusal:
        raise click.ClickException(str(refusal)) from refusal
    _run(url, "migrate", "--quiet")
    _run(url, "settle")
    if "audit" in table.COMMANDS:
        _run(url, "audit")
    click.echo(f"Restored from {file}.")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def psql(arguments: tuple[str, ...]) -> None:
    """Open psql on the shop's database; ARGUMENTS go to psql."""
    url, environment = connection(database_url())
    program = str(wheel_bin() / "psql")
    os.execve(program, [program, "-d", url, *arguments], environment)


def _run(url: str, *words: str) -> None:
    """Run another of our commands on the database that `url` names."""
    environment = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run([sys.executable, "-m", "orderwright", *words], env=environment, check=False)
    if done.returncode != 0:
        raise click.ClickException(f"The data are restored, but `orderwright {' '.join(words)}` failed; run it again.")
