"""Stories of reading any CSV file by a mapping."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from orderwright.adapters.csv_files.mapped import Mapped
from orderwright.channels.ports import BadMapping, Document
from orderwright.orders.drafting import AddressDraft, CustomerDraft

GERMAN = """
time_zone = "Europe/Berlin"
placed_at_format = "%d.%m.%Y %H:%M"
delimiter = ";"
decimal = ","
currency = "EUR"

[columns]
reference = "Bestellung"
sku = "Artikel"
quantity = "Menge"
unit_price = "Preis"
placed_at = "Datum"
name = "Bezeichnung"
email = "E-Mail"
customer_name = "Kunde"
street = "Straße"
postal_code = "PLZ"
city = "Ort"

[constants]
country = "DE"
tender = "invoice"

[charges]
VERSAND = "shipping"
"""
HEADER = "Bestellung;Datum;Kunde;E-Mail;Straße;PLZ;Ort;Artikel;Bezeichnung;Menge;Preis"
ADA = "Ada Lovelace;ada@example.org;Unter den Linden 1;10117;Berlin"
PLAIN = '[columns]\nreference = "order"\nsku = "sku"\nquantity = "pieces"\nunit_price = "price"\n'


def read(folder: Path, mapping: str, *lines: str) -> Mapped:
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    (folder / "orders.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Mapped([folder / "orders.csv"], channel="shop", mapping=folder / "mapping.toml")


def german(folder: Path, *lines: str) -> list[Document]:
    return list(read(folder, GERMAN, HEADER, *lines).documents())


def test_a_german_file_is_orders(tmp_path: Path) -> None:
    (document,) = german(
        tmp_path,
        f"B-7;31.03.2026 12:05;{ADA};tee-1;Tee, grün;3;1.012,50",
        f"B-7;31.03.2026 12:05;{ADA};versand;;1;4,90",
    )

    order = document.order
    assert order is not None
    assert (order.channel, order.reference) == ("shop", "B-7")
    assert order.placed_at == datetime(2026, 3, 31, 10, 5, tzinfo=UTC)
    assert order.customer == CustomerDraft(email="ada@example.org", name="Ada Lovelace")
    assert order.ship_to == AddressDraft(
        name="Ada Lovelace", street="Unter den Linden 1", postal_code="10117", city="Berlin", country="DE"
    )
    assert [(line.sku, line.quantity, line.unit_price, line.name) for line in order.lines] == [
        ("TEE-1", 3, "1012.50", "Tee, grün")
    ]
    assert [(one.kind, one.amount) for one in order.adjustments] == [("shipping", "4.90")]
    assert [tender.method for tender in order.tenders] == ["invoice"]


def test_worth_is_exact(tmp_path: Path) -> None:
    files = read(tmp_path, GERMAN, HEADER, f"B-7;31.03.2026 12:05;{ADA};TEE;;3;0,333333")

    assert (files.lines, files.worth, files.currency) == (1, 999_999, "EUR")


def test_the_smallest_mapping_is_enough(tmp_path: Path) -> None:
    (document,) = read(tmp_path, f'currency = "USD"\n{PLAIN}', "order,sku,pieces,price", "1,TEE,2,9.99").documents()

    order = document.order
    assert order is not None
    assert (order.placed_at, order.ship_to, order.customer) == (None, None, CustomerDraft())
    assert [tender.method for tender in order.tenders] == ["recorded"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("B-7;2026-03-31;{ada};TEE;;3;1,00", "malformed"),
        (";31.03.2026 12:05;{ada};TEE;;3;1,00", "malformed"),
        ("B-7;31.03.2026 12:05;{ada};TEE;;3", "malformed"),
        ("B-7;31.03.2026 12:05;{ada};TEE;;drei;1,00", "malformed"),
        ("B-7;31.03.2026 12:05;{ada};TEE;;3;", "malformed"),
        ("B-7;31.03.2026 12:05;{ada};TEE;;-3;1,00", "negative"),
        ("B-7;31.03.2026 12:05;{ada};VERSAND;;1;4,90", "no_goods"),
        ("x" * 101 + ";31.03.2026 12:05;{ada};TEE;;3;1,00", "malformed"),
    ],
)
def test_what_cannot_be_right_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    (document,) = german(tmp_path, line.format(ada=ADA))

    assert document.order is None
    assert [kept.reason for kept in document.refused] == [reason]


def test_lines_without_a_reference_are_told_apart(tmp_path: Path) -> None:
    documents = german(tmp_path, f";;{ADA};TEE;;3;1,00", f";;{ADA};TEE;;4;1,00")

    assert len({document.reference for document in documents}) == 2


def test_another_currency_is_refused(tmp_path: Path) -> None:
    mapping = f'currency = "USD"\n{PLAIN}currency = "cur"\n'
    good, bad = read(
        tmp_path, mapping, "order,sku,pieces,price,cur", "1,TEE,2,9.99,USD", "2,TEE,2,9.99,EUR"
    ).documents()

    assert good.order is not None
    assert [kept.reason for kept in bad.refused] == ["other_currency"]


@pytest.mark.parametrize(
    "mapping",
    [
        "not toml",
        PLAIN,
        f'currency = "XXQ"\n{PLAIN}',
        'currency = "EUR"\n[columns]\nreference = "order"\nsku = "sku"\nquantity = "pieces"\n',
        f'currency = "EUR"\ncolour = "red"\n{PLAIN}',
        f'currency = "EUR"\n{PLAIN}colour = "red"\n',
        f'currency = "EUR"\n{PLAIN}city = "no such column"\n',
        f'currency = "EUR"\n{PLAIN}[constants]\ncountry = 49\n',
        f'currency = "EUR"\n{PLAIN}[charges]\nPOST = "postage"\n',
        f'currency = "EUR"\ntime_zone = "Mars/Olympus"\n{PLAIN}',
        f'currency = "EUR"\ndelimiter = ";;"\n{PLAIN}',
        f'currency = "EUR"\ndelimiter = "\\n"\n{PLAIN}',
        f'currency = "EUR"\nencoding = "klingon"\n{PLAIN}',
        f'currency = "EUR"\ndecimal = "x"\n{PLAIN}',
        f'currency = "EUR"\nwhen_short = "take_what_there_is"\n{PLAIN}',
        f"currency = 978\n{PLAIN}",
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(tmp_path: Path, mapping: str) -> None:
    with pytest.raises(BadMapping) as refused:
        read(tmp_path, mapping, "order,sku,pieces,price", "1,TEE,2,9.99")

    assert refused.value.facts["file"] == "mapping.toml"


def test_the_format_needs_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("a\n1\n", encoding="utf-8")

    with pytest.raises(BadMapping):
        Mapped([tmp_path / "orders.csv"], channel="shop")
