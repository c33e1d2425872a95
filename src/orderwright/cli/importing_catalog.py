"""`orderwright import catalog FILE`: products, SKUs, prices and kits from a CSV file."""

from pathlib import Path

import click
from tqdm import tqdm

from orderwright.catalog.editing import Outcome
from orderwright.catalog.importing import count, import_catalog
from orderwright.cli.django_command import DjangoCommand
from orderwright.kernel import actors


@click.command(cls=DjangoCommand)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Answer for each row, and write nothing.")
def catalog(file: Path, dry_run: bool) -> None:
    """Import the catalog in FILE (CSV), a row a SKU.  Importing again changes nothing.

    Ends with exit code 1 where rows were refused; the others stand.  docs/catalog.md names the columns.
    """
    content = file.read_bytes()
    with tqdm(total=content.count(b"\n"), unit="rows", disable=None) as bar:
        answers = import_catalog(content, actor=actors.system("import"), dry_run=dry_run, progress=bar.update)
    for answer in answers:
        if answer.outcome == Outcome.REFUSED:
            click.echo(f"row {answer.row}: {answer.sku}: {answer.reason}")
    counted = count(answers)
    click.echo(", ".join(f"{outcome} {rows}" for outcome, rows in counted.items()))
    if dry_run:
        click.echo("A dry run: nothing was written.")
    if counted["refused"]:
        raise click.ClickException(f"{counted['refused']} rows were refused.")
