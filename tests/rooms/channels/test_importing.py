"""Stories of importing: what a file becomes, at most once, and that the books are held against it."""

import csv
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bench import retail_file
from builders import a_kit, a_shelf, a_sku, an_order, shelf
from django.db import connection

from orderwright.adapters.csv_files.online_retail import COLUMNS, OnlineRetail
from orderwright.catalog.models import Channel, Product, Sku
from orderwright.channels import importing
from orderwright.channels.importing import Wish, import_files
from orderwright.channels.models import Import, Inbound, TakenDocument
from orderwright.channels.reconciling import Report
from orderwright.customers.models import Address, Customer
from orderwright.inventory.models import Location, StockEntry
from orderwright.kernel import sql
from orderwright.kernel.errors import Invalid
from orderwright.kernel.models import Event
from orderwright.orders.models import Adjustment, Line, Order, Summary
from orderwright.payments.models import Tender, TenderSheet

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = ("536365", "85123A", "WHITE LANTERN", "6", "2010-12-01T08:26", "2.55", "17850", "United Kingdom")
FIELDS = ("invoice", "sku", "name", "quantity", "at", "price", "customer", "country")


def a_row(**but: str) -> list[str]:
    return list({**dict(zip(FIELDS, FIRST, strict=True)), **but}.values())


def a_file(folder: Path, *rows: Iterable[str], name: str = "orders.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([COLUMNS, *rows])
    return path


def take(*files: Path, **wish: object) -> Report:
    """Import these files into the channel `retail`."""
    chosen = Wish("retail", "online-retail", "orders.csv", **wish)  # type: ignore[arg-type]
    return import_files(OnlineRetail(files, channel="retail"), chosen)


def everything() -> dict[str, object]:
    """How much there is of everything that an import could change."""
    tables = (Channel, Customer, Address, Event, Import, Inbound, Line, Location, Order, Product, Sku, StockEntry,
              TakenDocument, Tender)  # fmt: skip
    return {table.__name__: table._default_manager.count() for table in tables}


def reasons(report: Report) -> dict[tuple[str, str], int]:
    return {key: sums.lines for key, sums in report.reasons.items()}


def test_an_order_of_a_file_stands_in_the_books(tmp_path: Path) -> None:
    report = take(
        a_file(
            tmp_path,
            a_row(),
            a_row(sku="71053", quantity="1", price="0.001"),
            a_row(sku="85123a", quantity="2", name="WHITE LANTERN, BOXED"),
            a_row(sku="POST", quantity="1", price="18.0"),
        )
    )

    order = Order.objects.select_related("customer", "ship_to", "channel").get()
    assert (order.number, order.reference, order.currency) == ("RETAIL-1", "536365", "GBP")
    assert order.placed_at == datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
    assert order.customer.reference == "retail:17850"
    assert order.ship_to is not None
    assert order.ship_to.country == "GB"
    lines = Line.objects.order_by("position").values_list(
        "sku__code", "name", "quantity", "unit_price_micros", "total_minor"
    )
    assert list(lines) == [
        ("85123A", "WHITE LANTERN", 6, 2_550_000, 1530),
        ("71053", "WHITE LANTERN", 1, 1_000, 0),
        ("85123A", "WHITE LANTERN, BOXED", 2, 2_550_000, 510),
    ]
    assert list(Adjustment.objects.values_list("kind", "amount_minor")) == [("shipping", 1800)]
    assert TenderSheet.objects.get().captured == 3840
    summary = Summary.objects.get()
    assert (summary.status, summary.payment, summary.total_minor) == ("backordered", "paid", 3840)
    assert not Location.objects.exists()
    assert report.problems() == []
    assert (report.remainder("order_lines"), report.remainder("adjustments")) == (1_000, 0)
    assert Import.objects.get().finished_at is not None
    assert Import.objects.get().lines_done == 4


def test_skus_are_made_with_the_name_that_most_lines_have_and_may_wait(tmp_path: Path) -> None:
    a_sku("71053", when_short="deny")

    take(
        a_file(
            tmp_path,
            a_row(name="LAMP"),
            a_row(invoice="2"),
            a_row(invoice="3", sku="85123a"),
            a_row(invoice="4", sku="71053"),
        )
    )

    made = Sku.objects.get(code="85123A")
    assert (made.name, made.product.code, made.when_short, made.backorder_limit) == (
        "WHITE LANTERN", "85123A", "backorder", None,
    )  # fmt: skip
    assert Sku.objects.get(code="71053").when_short == "deny"


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    retail_file.write(tmp_path / "year.csv", 600)
    first = take(tmp_path / "year.csv", stock_as_sold=True)
    before = everything()

    again = take(tmp_path / "year.csv", stock_as_sold=True)

    assert everything() == before
    assert (first.before, again.before) == (0, first.documents)
    assert again.problems() == []
    assert again.read == first.read
    assert again.booked == first.booked
    assert again.reasons == first.reasons


def test_documents_that_came_in_another_file_are_here(tmp_path: Path) -> None:
    one = a_file(tmp_path, a_row(), a_row(invoice="C536366", quantity="-6"), name="1.csv")
    both = a_file(tmp_path, a_row(), a_row(invoice="C536366", quantity="-6"), a_row(invoice="536367"), name="2.csv")
    take(one, stock_as_sold=True)

    report = take(both, stock_as_sold=True)

    assert (report.documents, report.before, report.orders) == (3, 2, 2)
    assert Order.objects.count() == 2
    assert shelf("main", "85123A") == {"reserved": 12}
    assert Inbound.objects.count() == 1
    assert report.problems() == []


def test_what_was_sold_is_there_to_be_shipped(tmp_path: Path) -> None:
    take(
        a_file(
            tmp_path,
            a_row(),
            a_row(invoice="2", customer="", price="0.0", quantity="-10", name="damages"),
            a_row(invoice="3", customer="", price="0.0", quantity="4", name="found"),
            a_row(invoice="4", quantity="80995"),
        ),
        stock_as_sold=True,
    )

    assert shelf("main", "85123A") == {"available": 4, "reserved": 81_001, "damaged": 10}
    assert set(Summary.objects.values_list("status", flat=True)) == {"ready"}
    received = Event.objects.get(kind="stock.received")
    assert received.at == datetime(2010, 11, 30, 8, 26, tzinfo=UTC)
    corrections = Event.objects.filter(kind="stock.adjusted").order_by("id")
    assert [(event.facts["reason"], event.facts["reference"]) for event in corrections] == [
        ("found", "3"),
        ("damaged", "2"),
    ]


def test_of_a_kit_the_parts_are_there(tmp_path: Path) -> None:
    a_kit("85123A", {"LANTERN": 1, "CANDLE": 2})

    report = take(a_file(tmp_path, a_row()), stock_as_sold=True)

    assert shelf("main", "CANDLE") == {"reserved": 12}
    assert report.problems() == []


def test_a_correction_that_the_shelf_does_not_allow_is_refused(tmp_path: Path) -> None:
    a_shelf("main", "85123A", 5)

    report = take(
        a_file(
            tmp_path,
            a_row(invoice="1", customer="", price="0.0", quantity="-3", name="lost"),
            a_row(invoice="2", customer="", price="0.0", quantity="-3", name="lost"),
        )
    )

    assert shelf("main", "85123A") == {"available": 2}
    assert reasons(report) == {("refused", "not_enough_stock"): 1}
    assert list(Inbound.objects.values_list("reference", "line_number", "reason")) == [("2", 2, "not_enough_stock")]
    assert report.problems() == []


def test_lines_that_are_kept_are_kept_as_they_were(tmp_path: Path) -> None:
    take(a_file(tmp_path, a_row(invoice="C536366", quantity="-6"), a_row(invoice="A1", sku="B", price="-5.0")))

    waiting, refused = Inbound.objects.order_by("line_number")
    assert (waiting.outcome, waiting.reason, waiting.worth_micros) == (
        "waiting_for_returns",
        "credit_note",
        -15_300_000,
    )
    assert waiting.raw == dict(zip(COLUMNS, a_row(invoice="C536366", quantity="-6"), strict=True))
    assert (refused.outcome, refused.reason, refused.reference) == ("refused", "accounting_entry", "A1")


def test_an_order_that_the_shop_refuses_is_kept_raw_and_can_be_tried_again(tmp_path: Path) -> None:
    path = a_file(tmp_path, a_row(), a_row(sku="POST", quantity="1", price="18.0"), a_row(invoice="2", sku="71053"))
    sku = a_sku("85123A", active=False)

    report = take(path)

    assert Order.objects.get().reference == "2"
    assert reasons(report) == {("refused", "not_for_sale"): 2}
    assert Inbound.objects.count() == 2
    assert report.problems() == []

    sku.active = True
    sku.save()
    assert take(path).orders == 1
    report = take(path, retry_refused=True)
    assert report.orders == 2
    assert Inbound.objects.count() == 0
    assert report.problems() == []


def test_an_order_is_not_lost_for_lack_of_stock(tmp_path: Path) -> None:
    a_shelf("main", "85123A", 2)
    assert Sku.objects.get().when_short == "deny"

    report = take(a_file(tmp_path, a_row()))

    assert shelf("main", "85123A") == {"reserved": 2}
    assert Summary.objects.get().status == "backordered"
    assert report.problems() == []


def test_an_order_for_a_kit_waits_too(tmp_path: Path) -> None:
    a_kit("85123A", {"LANTERN": 1, "CANDLE": 2})

    report = take(a_file(tmp_path, a_row()))

    assert Summary.objects.get().status == "backordered"
    assert report.problems() == []


def test_an_order_that_came_another_way_is_not_doubled(tmp_path: Path) -> None:
    a_shelf("main", "85123A", 100)
    take(a_file(tmp_path, a_row(invoice="1"), name="1.csv"))
    live = an_order().on("retail").with_line("85123A", 6, "2.55").but(reference="536365").placed()

    report = take(a_file(tmp_path, a_row(), name="2.csv"), retry_refused=True)

    assert list(Order.objects.order_by("id").values_list("number", flat=True)) == ["RETAIL-1", live.number]
    assert reasons(report) == {("refused", "duplicate_reference"): 1}
    assert report.problems() == []


def test_a_dry_run_reads_everything_and_writes_nothing(tmp_path: Path) -> None:
    retail_file.write(tmp_path / "year.csv", 600)
    before = everything()

    report = take(tmp_path / "year.csv", stock_as_sold=True, dry_run=True)

    assert everything() == before
    assert report.problems() == []
    assert report.new_skus > 100
    assert sum(sums.lines for sums in report.read.values()) == 600


def test_files_in_another_currency_than_the_channel_are_refused(tmp_path: Path) -> None:
    an_order().on("retail").with_line("TEE").draft()
    before = everything()

    with pytest.raises(Invalid):
        take(a_file(tmp_path, a_row()))

    assert everything() == before


class Killed(Exception):
    pass


def test_an_import_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    retail_file.write(tmp_path / "year.csv", 7_000)
    files = OnlineRetail([tmp_path / "year.csv"], channel="retail")
    wish = Wish("retail", "online-retail", "year.csv", stock_as_sold=True)
    taken = []

    def stop(stage: str, lines: int) -> None:
        if stage == "take in":
            taken.append(lines)
            if len(taken) == 2:
                raise Killed

    with pytest.raises(Killed):
        import_files(files, wish, stop)
    stopped = Order.objects.count()
    assert 0 < stopped < 250
    assert Import.objects.get().finished_at is None

    report = import_files(files, wish)

    assert report.problems() == []
    assert report.before == TakenDocument.objects.count() - (report.documents - report.before) > 0
    assert Order.objects.count() == report.orders > stopped
    assert Import.objects.get().lines_done == 7_000
    assert list(sql.rows("SELECT last FROM number_series WHERE name = 'retail'")) == [(report.orders,)]
    assert Event.objects.filter(kind="stock.received").count() == -(-len_of_leaving(files) // importing.STOCK_AT_ONCE)


def len_of_leaving(files: OnlineRetail) -> int:
    """How many SKUs leave the shelves by a file."""
    leaving = set()
    for document in files.documents():
        leaving |= {line.sku for line in document.order.lines} if document.order else set()
        leaving |= {one.sku for one in document.corrections if one.quantity < 0}
    return len(leaving)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        ("UPDATE order_line SET total_minor = total_minor + 1 WHERE position = 1", "order_lines"),
        ("UPDATE order_line SET unit_price_micros = unit_price_micros + 1 WHERE position = 1", "order_lines"),
        ("UPDATE order_adjustment SET amount_minor = amount_minor - 1", "adjustments"),
        ("UPDATE event SET facts = jsonb_set(facts, '{lines,0,quantity}', '5') WHERE kind = 'stock.adjusted'",
         "stock_corrections"),
        ("DELETE FROM inbound WHERE outcome = 'waiting_for_returns'", "waiting_for_returns"),
        ("UPDATE inbound SET worth_micros = 0 WHERE outcome = 'refused'", "refused"),
    ],
)  # fmt: skip
def test_what_was_spoiled_does_not_reconcile(tmp_path: Path, spoil: str, told: str) -> None:
    path = a_file(
        tmp_path,
        a_row(),
        a_row(sku="POST", quantity="1", price="18.0"),
        a_row(invoice="2", customer="", price="0.0", quantity="4", name="found"),
        a_row(invoice="C3", quantity="-6"),
        a_row(invoice="A4", sku="B", price="-5.0"),
    )
    assert take(path).problems() == []

    sql.run(spoil)

    problems = take(path).problems()
    assert problems
    assert all(problem.startswith(told) for problem in problems)


def test_a_line_that_is_in_no_outcome_is_noticed() -> None:
    report = Report("GBP", lines=1, worth=2_550_000, dry=True)

    assert report.problems() == [
        "The files have 1 lines, and 0 were sorted.",
        "The files come to 2.55, and what was sorted to 0.00.",
    ]


def test_chunks_shrink_where_the_machine_is_slow_and_grow_where_it_is_fast() -> None:
    pace = importing.Pace(1_000)

    pace.learn(1_000, 1.0)
    assert pace.lines == 625

    pace.learn(625, 0.125)
    assert pace.lines == 938

    pace.learn(1, 60.0)
    pace.learn(1, 60.0)
    pace.learn(1, 60.0)
    pace.learn(1, 60.0)
    assert pace.lines == importing.LEAST_LINES

    for _ in range(10):
        pace.learn(3_000, 0.0)
    assert pace.lines == importing.MOST_LINES


def test_two_who_import_the_same_make_everything_once(tmp_path: Path) -> None:
    retail_file.write(tmp_path / "year.csv", 1_500)
    reports = []

    def work() -> None:
        reports.append(take(tmp_path / "year.csv", stock_as_sold=True))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [report.problems() for report in reports] == [[], []]
    assert sum(report.before for report in reports) == reports[0].documents
    assert Order.objects.count() == reports[0].orders
    leaving = len_of_leaving(OnlineRetail([tmp_path / "year.csv"], channel="retail"))
    assert StockEntry.objects.filter(source="supplier").count() == leaving
    assert set(Summary.objects.values_list("status", flat=True)) == {"ready"}


def test_a_channel_needs_a_code(tmp_path: Path) -> None:
    before = everything()

    with pytest.raises(Invalid):
        import_files(
            OnlineRetail([a_file(tmp_path, a_row())], channel="a/b"), Wish("a/b", "online-retail", "orders.csv")
        )

    assert everything() == before
