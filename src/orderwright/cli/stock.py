"""`orderwright stock`: levels from a CSV file, and into one."""

import sys
from collections import Counter
from pathlib import Path

import click
from tqdm import tqdm

from orderwright.cli.django_command import DjangoCommand
from orderwright.inventory.importing import Outcome, export_levels, import_levels
from orderwright.kernel import actors


@click.group()
def stock() -> None:
    """Stock levels from a CSV file, and into one."""


@stock.command("import", cls=DjangoCommand)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Answer for each row, and write nothing.")
@click.option("--quiet", is_flag=True, help="Tell of refused rows only.")
def import_(file: Path, dry_run: bool, quiet: bool) -> None:
    """Set the levels in FILE (CSV), a row a SKU at a location.  Importing again changes nothing.

    Ends with exit code 1 where rows were refused; the others stand.  docs/stock.md names the columns.
    """
    content = file.read_bytes()
    with tqdm(total=content.count(b"\n"), unit="rows", disable=None) as bar:
        answers = import_levels(
            content, reference=file.name, actor=actors.system("import"), dry_run=dry_run, progress=bar.update
        )
    for answer in answers:
        if answer.outcome is Outcome.REFUSED:
            click.echo(f"row {answer.row}: {answer.sku} at {answer.location}: {answer.reason}")
        elif not quiet:
            change = f"{answer.was} -> {answer.now}" if answer.outcome is Outcome.SET else f"{answer.was}, unchanged"
            click.echo(f"row {answer.row}: {answer.sku} at {answer.location}: {change}")
    counted = Counter(answer.outcome for answer in answers)
    click.echo(", ".join(f"{outcome} {counted[outcome]}" for outcome in Outcome))
    if dry_run:
        click.echo("A dry run: nothing was written.")
    if counted[Outcome.REFUSED]:
        raise click.ClickException(f"{counted[Outcome.REFUSED]} rows were refused.")


@stock.command("export", cls=DjangoCommand)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
def export(file: Path | None) -> None:
    """Write all levels to FILE (CSV), or to the standard output: to be edited, and imported again."""
    if file is None:
        sys.stdout.writelines(export_levels())
        return
    with file.open("w", encoding="utf-8", newline="") as written:
        written.writelines(export_levels())
