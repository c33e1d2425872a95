"""Stories of reading the "Online Retail" format: each line in exactly one place, whatever it looks like."""

import lzma
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bench import retail_file

from orderwright.adapters.csv_files.online_retail import COLUMNS, OnlineRetail
from orderwright.channels.ports import BadMapping, Document, UnreadableFile

INVOICE = ("536365", "85123A", "WHITE LANTERN ", "6", "2010-12-01T08:26", "2.55", "17850", "United Kingdom")
FIELDS = ("invoice", "sku", "name", "quantity", "at", "price", "customer", "country")


def a_row(**but: str) -> list[str]:
    return list({**dict(zip(FIELDS, INVOICE, strict=True)), **but}.values())


def a_file(folder: Path, *rows: Iterable[str], name: str = "orders.csv") -> Path:
    """A file with these rows below the header."""
    path = folder / name
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [COLUMNS, *rows]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def read(*files: Path) -> OnlineRetail:
    return OnlineRetail(files, channel="retail")


def the_document(folder: Path, *rows: list[str]) -> Document:
    (document,) = read(a_file(folder, *rows)).documents()
    return document


def test_an_invoice_is_an_order(tmp_path: Path) -> None:
    document = the_document(tmp_path, a_row(), a_row(sku="71053", quantity="2", price="3.39", name="METAL LANTERN"))

    order = document.order
    assert order is not None
    assert (order.channel, order.reference, order.when_short) == ("retail", "536365", "backorder")
    assert [(line.sku, line.quantity, line.unit_price, line.name) for line in order.lines] == [
        ("85123A", 6, "2.55", "WHITE LANTERN"),
        ("71053", 2, "3.39", "METAL LANTERN"),
    ]
    assert order.customer.reference == "17850"
    assert order.ship_to is not None
    assert order.ship_to.country == "GB"
    assert [tender.method for tender in order.tenders] == ["recorded"]
    assert [line.worth for line in document.order_lines] == [15_300_000, 6_780_000]
    assert (document.charges, document.corrections, document.waiting, document.refused) == ([], (), (), [])


@pytest.mark.parametrize(
    ("shown", "in_utc"),
    [("2010-12-01T08:26", datetime(2010, 12, 1, 8, 26)), ("2011-07-15T17:29", datetime(2011, 7, 15, 16, 29))],
    ids=["winter", "summer"],
)
def test_the_clock_hangs_in_london(tmp_path: Path, shown: str, in_utc: datetime) -> None:
    document = the_document(tmp_path, a_row(at=shown))

    assert document.order is not None
    assert document.order.placed_at == document.at == in_utc.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "code", "region"),
    [
        ("EIRE", "IE", ""),
        ("RSA", "ZA", ""),
        ("USA", "US", ""),
        ("Channel Islands", "", "Channel Islands"),
        ("European Community", "", "European Community"),
    ],
)
def test_countries_get_their_codes_and_what_is_no_country_is_a_region(
    tmp_path: Path, country: str, code: str, region: str
) -> None:
    document = the_document(tmp_path, a_row(country=country))

    assert document.order is not None
    assert document.order.ship_to is not None
    assert (document.order.ship_to.country, document.order.ship_to.region) == (code, region)


def test_a_guest_from_nowhere_has_neither_name_nor_address(tmp_path: Path) -> None:
    document = the_document(tmp_path, a_row(customer="", country="Unspecified"))

    assert document.order is not None
    assert document.order.customer.reference == ""
    assert document.order.ship_to is None


def test_one_sku_twice_is_two_lines_and_small_letters_are_the_same_sku(tmp_path: Path) -> None:
    document = the_document(tmp_path, a_row(), a_row(sku="85123a", price="2.95"))

    assert document.order is not None
    assert [(line.sku, line.unit_price) for line in document.order.lines] == [("85123A", "2.55"), ("85123A", "2.95")]


def test_a_gift_and_a_tenth_of_a_penny_keep_their_prices(tmp_path: Path) -> None:
    document = the_document(tmp_path, a_row(price="0.0"), a_row(sku="PADS", price="0.001", quantity="1"))

    assert document.order is not None
    assert [line.unit_price for line in document.order.lines] == ["0.0", "0.001"]
    assert [line.worth for line in document.order_lines] == [0, 1_000]


@pytest.mark.parametrize("name", ["nan", "", "  "])
def test_a_description_that_is_missing_leaves_the_name_to_the_catalog(tmp_path: Path, name: str) -> None:
    document = the_document(tmp_path, a_row(name=name))

    assert document.order is not None
    assert document.order.lines[0].name == ""


@pytest.mark.parametrize(
    ("sku", "quantity", "price", "kind", "amount"),
    [
        ("POST", "3", "18.0", "shipping", "54.00"),
        ("DOT", "1", "607.49", "shipping", "607.49"),
        ("C2", "1", "50.0", "shipping", "50.00"),
        ("M", "36", "0.85", "fee", "30.60"),
        ("m", "1", "2.55", "fee", "2.55"),
        ("BANK CHARGES", "1", "0.001", "fee", "0.00"),
        ("D", "-1", "27.5", "discount", "-27.50"),
        ("M", "-1", "4.2", "discount", "-4.20"),
    ],
)
def test_what_is_no_goods_is_an_adjustment_of_the_order(
    tmp_path: Path, sku: str, quantity: str, price: str, kind: str, amount: str
) -> None:
    document = the_document(tmp_path, a_row(), a_row(sku=sku, quantity=quantity, price=price))

    assert document.order is not None
    assert len(document.order.lines) == 1
    assert [(one.kind, one.amount) for one in document.order.adjustments] == [(kind, amount)]
    assert [line.number for line in document.charges] == [2]


def test_an_invoice_without_goods_is_refused(tmp_path: Path) -> None:
    document = the_document(tmp_path, a_row(sku="POST", quantity="1", price="15.0"))

    assert document.order is None
    assert [(kept.line.number, kept.reason, kept.line.worth) for kept in document.refused] == [
        (1, "no_goods", 15_000_000)
    ]


def test_credit_notes_wait_for_returns(tmp_path: Path) -> None:
    document = the_document(
        tmp_path, a_row(invoice="C536379", quantity="-6"), a_row(invoice="C536379", sku="D", quantity="-1")
    )

    assert document.order is None
    assert [(kept.reason, kept.line.worth) for kept in document.waiting] == [
        ("credit_note", -15_300_000),
        ("credit_note", -2_550_000),
    ]


def test_entries_of_accountants_are_refused(tmp_path: Path) -> None:
    document = the_document(tmp_path, a_row(invoice="A563186", sku="B", quantity="1", price="-11062.06", customer=""))

    assert [(kept.reason, kept.line.worth) for kept in document.refused] == [("accounting_entry", -11_062_060_000)]


@pytest.mark.parametrize(
    ("remark", "quantity", "reason"),
    [
        ("damages", -4, "damaged"),
        ("wet/rusty", -4, "damaged"),
        ("?lost", -4, "lost"),
        ("showroom", -4, "given_away"),
        ("wrongly marked 23343", -4, "correction"),
        ("nan", -4, "correction"),
        ("Found", 30, "found"),
        ("damaged", 30, "correction"),
        ("?", 30, "correction"),
    ],
)
def test_without_a_customer_and_a_price_it_corrects_the_stock(
    tmp_path: Path, remark: str, quantity: int, reason: str
) -> None:
    document = the_document(tmp_path, a_row(customer="", price="0.0", quantity=str(quantity), name=remark))

    assert document.order is None
    assert [(one.sku, one.quantity, one.reason) for one in document.corrections] == [("85123A", quantity, reason)]


def test_postage_is_no_stock_that_could_be_corrected(tmp_path: Path) -> None:
    document = the_document(tmp_path, a_row(customer="", price="0.0", sku="DOT", name="nan"))

    assert document.corrections == []
    assert [kept.reason for kept in document.refused] == ["no_goods"]


def test_a_gift_to_a_guest_who_pays_for_something_else_is_no_correction(tmp_path: Path) -> None:
    document = the_document(tmp_path, a_row(customer="", price="0.0"), a_row(customer="", sku="71053"))

    assert document.order is not None
    assert len(document.order.lines) == 2


@pytest.mark.parametrize(
    ("but", "reason"),
    [
        ({"quantity": "six"}, "malformed"),
        ({"quantity": "1.5"}, "malformed"),
        ({"quantity": "0"}, "malformed"),
        ({"quantity": "9999999999"}, "malformed"),
        ({"price": "free"}, "malformed"),
        ({"price": "NaN"}, "malformed"),
        ({"price": "0.0000001"}, "malformed"),
        ({"sku": " "}, "malformed"),
        ({"sku": "a/b"}, "malformed"),
        ({"sku": "x" * 101}, "malformed"),
        ({"quantity": "-6"}, "negative"),
        ({"price": "-1.0"}, "negative"),
    ],
)
def test_a_line_that_cannot_be_right_is_refused_and_spoils_no_neighbour(
    tmp_path: Path, but: dict[str, str], reason: str
) -> None:
    document = the_document(tmp_path, a_row(), a_row(**but))

    assert document.order is not None
    assert len(document.order.lines) == 1
    assert [(kept.line.number, kept.reason) for kept in document.refused] == [(2, reason)]


@pytest.mark.parametrize("but", [{"at": "yesterday"}, {"at": ""}, {"invoice": "X12"}, {"invoice": ""}])
def test_a_document_that_cannot_be_right_is_refused(tmp_path: Path, but: dict[str, str]) -> None:
    document = the_document(tmp_path, a_row(**but))

    assert document.order is None
    assert [kept.reason for kept in document.refused] == ["malformed"]


@pytest.mark.parametrize("cells", [("536365",), (*INVOICE, "and one more")], ids=["short", "long"])
def test_a_row_with_other_cells_than_the_header_is_refused_by_itself(tmp_path: Path, cells: tuple[str, ...]) -> None:
    files = read(a_file(tmp_path, a_row(), cells, a_row(sku="71053")))

    order, broken = sorted(files.documents(), key=lambda document: document.order is None)
    assert order.order is not None
    assert [line.sku for line in order.order.lines] == ["85123A", "71053"]
    assert [(kept.line.number, kept.reason) for kept in broken.refused] == [(2, "malformed")]
    assert list(files.as_read(broken.refused[0].line).values()) == list(cells)


def test_lines_of_an_invoice_that_come_later_are_with_the_first(tmp_path: Path) -> None:
    first = a_file(tmp_path, a_row(), a_row(invoice="536366"), a_row(sku="71053"), name="1.csv")
    second = a_file(tmp_path, a_row(sku="22114"), a_row(invoice="536367"), name="2.csv")

    documents = list(read(first, second).documents())

    assert [document.reference for document in documents] == ["536365", "536366", "536367"]
    assert [line.number for line in documents[0].order_lines] == [1, 3, 4]


def test_an_invoice_that_goes_on_in_the_next_file_is_one_order(tmp_path: Path) -> None:
    files = read(a_file(tmp_path, a_row(), name="1.csv"), a_file(tmp_path, a_row(sku="71053"), name="2.csv"))

    (document,) = files.documents()

    assert [line.number for line in document.order_lines] == [1, 2]
    assert files.lines == 2


def test_more_lines_than_an_order_may_have_are_refused(tmp_path: Path) -> None:
    document = the_document(tmp_path, *[a_row()] * 2001)

    assert document.order is None
    assert Counter(kept.reason for kept in document.refused) == {"too_many_lines": 2001}


def test_a_packed_file_reads_like_a_plain_one(tmp_path: Path) -> None:
    plain = a_file(tmp_path, a_row(), a_row(invoice="536366"))
    packed = tmp_path / "orders.csv.xz"
    packed.write_bytes(lzma.compress(plain.read_bytes()))

    assert list(read(packed).documents()) == list(read(plain).documents())


def test_files_can_be_read_again_and_other_files_have_another_fingerprint(tmp_path: Path) -> None:
    files = read(a_file(tmp_path, a_row(), name="1.csv"))
    other = read(a_file(tmp_path, a_row(quantity="7"), name="2.csv"))

    assert list(files.documents()) == list(files.documents())
    assert files.fingerprint == read(tmp_path / "1.csv").fingerprint != other.fingerprint


def broken_pack(whole: bytes) -> bytes:
    return lzma.compress(whole)[:-20]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("other.csv", b"a,b,c\n1,2,3\n"),
        (
            "latin.csv",
            ",".join(COLUMNS).encode() + b"\n536365,85123A,\xa310 VOUCHER,1,2010-12-01T08:26,8.33,1,France\n",
        ),
        ("quotes.csv", ",".join(COLUMNS).encode() + b'\n536365,"85123A" B,x,1,2010-12-01T08:26,8.33,1,France\n'),
        ("cut.csv.xz", broken_pack((",".join(COLUMNS) + "\n" + ",".join(INVOICE) + "\n").encode() * 5)),
        ("plain.csv.xz", b"InvoiceNo"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(UnreadableFile) as refused:
        list(read(tmp_path / name).documents())

    assert refused.value.facts["file"] == name


def test_this_format_needs_no_mapping(tmp_path: Path) -> None:
    with pytest.raises(BadMapping):
        OnlineRetail([a_file(tmp_path, a_row())], channel="retail", mapping=tmp_path / "mapping.toml")


def test_every_line_of_a_dirty_file_is_in_exactly_one_place(tmp_path: Path) -> None:
    retail_file.write(tmp_path / "year.csv", 20_000)
    files = read(tmp_path / "year.csv")

    lines = []
    for document in files.documents():
        lines += [*document.order_lines, *document.charges, *(one.line for one in document.corrections)]
        lines += [kept.line for kept in (*document.waiting, *document.refused)]

    assert files.lines == 20_000
    assert sorted(line.number for line in lines) == list(range(1, 20_001))
    assert sum(line.worth for line in lines) == files.worth
