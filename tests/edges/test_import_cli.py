"""The commands that import, ship and deliver, as an operator types them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from bench import retail_file
from builders import a_channel, a_shelf, a_sku, an_order, place_all
from click.testing import CliRunner, Result
from django.conf import settings

from orderwright.channels.models import Import, TakenDocument
from orderwright.cli.importing import group
from orderwright.cli.main import main
from orderwright.cli.shipping import deliver, ship
from orderwright.flows.audit import audit
from orderwright.kernel import sql
from orderwright.kernel.models import Event
from orderwright.orders.models import Line, Order, Summary

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small year of another shop."""
    path = tmp_path_factory.mktemp("year") / "year.csv.xz"
    retail_file.write(path, 3_000)
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(group, ["orders", *map(str, words)])


def clean() -> bool:
    return not any(found.wrong for found in audit())


def test_a_year_is_imported_shipped_and_delivered(year: Path, tmp_path: Path) -> None:
    result = run(year, "--channel", "retail", "--stock", "as-sold", "--report", tmp_path / "report.json")

    assert result.exit_code == 0, result.output
    assert "Reconciled: 3000 lines" in result.output
    assert "\r" not in result.output
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["problems"] == []
    assert report["lines"] == sum(outcome["lines"] for outcome in report["outcomes"].values()) == 3_000
    assert all(outcome["lines"] == outcome["booked_lines"] for outcome in report["outcomes"].values())
    assert report["outcomes"]["order_lines"]["lines"] == Line.objects.count()

    orders = Order.objects.count()
    assert CliRunner().invoke(ship, ["--all"]).output == f"{orders} orders shipped.\n"
    assert CliRunner().invoke(deliver, ["--all"]).output == f"{orders} orders delivered.\n"
    assert set(Summary.objects.values_list("status", flat=True)) == {"delivered"}
    assert clean()


def test_a_dry_run_says_what_would_be(year: Path) -> None:
    result = run(year, "--channel", "retail", "--dry-run")

    assert result.exit_code == 0, result.output
    assert "A dry run: nothing was written." in result.output
    assert "Reconciled: 3000 lines" in result.output
    assert Event.objects.count() == Import.objects.count() == 0


def test_books_that_do_not_agree_with_the_file_end_it_with_1(year: Path) -> None:
    assert run(year, "--channel", "retail").exit_code == 0
    sql.run("UPDATE order_line SET total_minor = total_minor + 1 WHERE id = (SELECT min(id) FROM order_line)")

    result = run(year, "--channel", "retail")

    assert result.exit_code == 1
    assert "does not reconcile" in result.output
    assert "order_lines: the lines come to" in result.output


def test_a_mapped_file_is_imported(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(
        'currency = "EUR"\ndelimiter = ";"\n[columns]\n'
        'reference = "no"\nsku = "article"\nquantity = "pieces"\nunit_price = "price"\nemail = "mail"\n'
    )
    (tmp_path / "orders.csv").write_text("no;article;pieces;price;mail\n7;TEE;2;9.99;Ada@Example.org\n")

    result = run(
        tmp_path / "orders.csv", "--channel", "shop", "--format", "csv", "--mapping", tmp_path / "mapping.toml"
    )

    assert result.exit_code == 0, result.output
    order = Order.objects.select_related("customer").get()
    assert (order.number, order.reference, order.customer.email) == ("SHOP-1", "7", "ada@example.org")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--format", "tea-leaves"], "not_installed"),
        (["--format", "csv"], "bad_mapping"),
        (["--mapping", "MAPPING"], "bad_mapping"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(year: Path, tmp_path: Path, words: list[str], told: str) -> None:
    (tmp_path / "mapping.toml").write_text("")

    result = run(year, "--channel", "x", *(word.replace("MAPPING", str(tmp_path / "mapping.toml")) for word in words))

    assert result.exit_code == 1
    assert told in result.output
    assert Event.objects.count() == 0


def test_a_file_that_is_not_there_is_an_error_of_use() -> None:
    result = run("nowhere.csv", "--channel", "x")

    assert result.exit_code == 2
    assert "nowhere.csv" in result.output


def test_ship_and_deliver_say_what_they_are_for() -> None:
    assert CliRunner().invoke(ship, []).exit_code == 2
    assert CliRunner().invoke(deliver, []).exit_code == 2


def test_orders_that_cannot_go_out_stay() -> None:
    a_shelf("BERLIN", "TEE", 1)
    a_sku("MUG", when_short="backorder")
    waiting = an_order().with_line("MUG").but(when_short="backorder")
    place_all([an_order().with_line("TEE"), waiting])

    assert CliRunner().invoke(ship, ["--all"]).output == "1 orders shipped.\n"
    assert CliRunner().invoke(ship, ["--all"]).output == "0 orders shipped.\n"


def test_the_commands_are_in_the_table() -> None:
    assert {"import", "ship", "deliver"} <= set(main.list_commands(None))  # type: ignore[arg-type]


@pytest.mark.faults
def test_a_killed_import_goes_on_where_it_stopped_while_orders_are_placed(tmp_path: Path) -> None:
    year = tmp_path / "year.csv"
    retail_file.write(year, 8_000)
    a_channel("web")
    a_shelf("BERLIN", "LIVE", 100_000)
    live = 0
    for kill in (True, True, False):
        process = an_import(year)
        try:
            before = TakenDocument.objects.count()
            end = time.monotonic() + PATIENCE_SECONDS
            while process.poll() is None and not (kill and TakenDocument.objects.count() > before):
                assert time.monotonic() < end
                place_all([an_order().with_line("LIVE")])
                live += 1
        finally:
            process.kill()
            output, errors = process.communicate()
        assert process.returncode == (-signal.SIGKILL if kill else 0), errors.decode()

    assert b"Reconciled: 8000 lines" in output
    imported = Order.objects.filter(channel__code="retail")
    assert imported.count() == imported.values("reference").distinct().count()
    assert Import.objects.get().lines_done == 8_000
    assert Order.objects.filter(channel__code="web").count() == live
    assert set(Summary.objects.values_list("status", flat=True)) == {"ready"}
    assert clean()


def an_import(year: Path) -> "subprocess.Popen[bytes]":
    """The command in a process of its own, on the database of the tests."""
    words = ["import", "orders", str(year), "--channel", "retail", "--stock", "as-sold"]
    return subprocess.Popen(
        [sys.executable, "-m", "orderwright", *words],
        env={**os.environ, "DATABASE_URL": url_of_the_database()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def url_of_the_database() -> str:
    """The URL of the tests' database, for a process of its own."""
    chosen = settings.DATABASES["default"]
    who = f"{quote(chosen['USER'])}:{quote(chosen['PASSWORD'])}@" if chosen["USER"] else ""
    return f"postgresql://{who}{chosen['HOST']}:{chosen['PORT']}/{chosen['NAME']}"
