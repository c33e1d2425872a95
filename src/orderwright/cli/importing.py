"""`orderwright import …`: orders and catalogs from files."""

import gc
import json
from pathlib import Path

import click
from tqdm import tqdm

from orderwright.channels.importing import Wish, import_files
from orderwright.channels.ports import OrderFormat
from orderwright.channels.reconciling import BOOKED, CORRECTIONS, OUTCOMES, Report
from orderwright.cli.django_command import DjangoCommand
from orderwright.cli.importing_catalog import catalog
from orderwright.kernel.ports import adapter

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
COLUMNS = ("outcome", "lines", "quantity x price", "booked lines", "booked amount", "remainder")


@click.group(name="import")
def group() -> None:
    """Import orders or a catalog from files."""


group.add_command(catalog)


@group.command(cls=DjangoCommand)
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--channel", required=True, help="The code of the channel; it is opened where there is none.")
@click.option(
    "--format", "format_", default="online-retail", show_default=True, help="online-retail, or csv with --mapping."
)
@click.option("--mapping", type=FILE, help="A TOML file that names the columns of the format csv.")
@click.option("--stock", type=click.Choice(["as-sold"]), help="as-sold: first receive what the files sold.")
@click.option("--location", default="main", show_default=True, help="Where stock is received and corrected.")
@click.option("--dry-run", is_flag=True, help="Read, sort and check everything, and write nothing.")
@click.option("--retry-refused", is_flag=True, help="Try documents again of which everything was refused before.")
@click.option(
    "--report", "report_to", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as JSON."
)
def orders(
    files: tuple[Path, ...],
    channel: str,
    format_: str,
    mapping: Path | None,
    stock: str | None,
    location: str,
    dry_run: bool,
    retry_refused: bool,
    report_to: Path | None,
) -> None:
    """Import the orders in FILES (CSV, plain or .xz), each at most once.

    Ends with exit code 1 where the books do not agree with the files to the last coin and line.
    """
    order_format: OrderFormat = adapter("order_format", format_)
    source = order_format(files, channel=channel, mapping=mapping)
    names = ", ".join(file.name for file in files)
    wish = Wish(channel, format_, names, location, stock == "as-sold", dry_run, retry_refused)
    stages: dict[str, tqdm] = {}

    def progress(stage: str, lines: int) -> None:
        """A bar for each stage, on a terminal only."""
        if stage not in stages:
            for done in stages.values():
                done.close()
            stages[stage] = tqdm(desc=stage, total=source.lines, unit="lines", unit_scale=True, disable=None)
        stages[stage].update(lines)

    gc.set_threshold(200_000, 10, 100)  # a chunk is some hundred thousand tuples, and nothing in it is a circle
    try:
        report = import_files(source, wish, progress)
    finally:
        for bar in stages.values():
            bar.close()
    _print(report)
    if report_to is not None:
        report_to.write_text(json.dumps(report.as_facts(), indent=2) + "\n", encoding="utf-8")
    if problems := report.problems():
        raise click.ClickException("The import does not reconcile.\n" + "\n".join(problems))


def _print(report: Report) -> None:
    """The report as a table."""
    facts = report.as_facts()
    here = f", {report.before} of them here before" if report.before else ""
    click.echo(f"{report.documents} documents{here}; {report.orders} orders.")
    if report.dry:
        click.echo(f"A dry run: nothing was written. {report.new_skus} SKUs would be made.")
    rows = [COLUMNS, *(_row(outcome, facts["outcomes"][outcome]) for outcome in OUTCOMES)]
    rows.append(("all lines", f"{report.lines}", facts["worth"], "", "", ""))
    rows += [
        (f"  {one['outcome']}: {one['reason']}", str(one["lines"]), one["worth"], "", "", "")
        for one in facts["reasons"]
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for row in rows:
        click.echo(
            "  ".join(
                [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
            ).rstrip()
        )
    if not facts["problems"]:
        click.echo(f"Reconciled: {report.lines} lines, {facts['worth']} {report.currency}.")


def _row(outcome: str, facts: dict[str, object]) -> tuple[str, ...]:
    units = f"{facts['units']:+} units" if outcome == CORRECTIONS else ""
    booked = (str(facts["amount"]), str(facts["rounding_remainder"])) if outcome in BOOKED else (units, "")
    return (outcome, str(facts["lines"]), str(facts["worth"]), str(facts.get("booked_lines", "")), *booked)
