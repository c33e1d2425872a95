"""Levels from a file: each row has its answer, a dry run writes nothing, and importing again changes nothing."""

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test.utils import CaptureQueriesContext
from shelves import CLERK, a_kit, a_location, a_shelf, a_sku, book, happened, shelf

from orderwright.cli.stock import stock
from orderwright.inventory.book import STOCK
from orderwright.inventory.importing import BadStockFile, export_levels, import_levels
from orderwright.kernel.books import Movement, post
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def tee():
    return a_sku("TEE")


@pytest.fixture
def mug():
    return a_sku("MUG")


@pytest.fixture
def berlin(tee, mug):
    """Holds 10 of TEE, 3 of them reserved."""
    berlin = a_location("BERLIN")
    a_shelf(tee, berlin, 10)
    event = Event.objects.latest("id").id
    post(STOCK, [Movement(tee, berlin, "available", berlin, "reserved", 3, event)])
    return berlin


FILE = b"""sku,location,on_hand,expecting
TEE,BERLIN,12,10
MUG,BERLIN,4,
MUG,BERLIN,5,
CUP,BERLIN,1,
SET,BERLIN,1,
TEE,PARIS,1,
MUG,BERLIN,x,
,BERLIN,1,
"""

ANSWERS = [
    (2, "TEE", "set", 10, 12, ""),
    (3, "MUG", "set", 0, 4, ""),
    (4, "MUG", "refused", None, None, "sku: is at this location in row 3 already"),
    (5, "CUP", "refused", None, None, "There is no SKU CUP."),
    (6, "SET", "refused", None, None, "SET is a kit: it has parts and no stock of its own."),
    (7, "TEE", "refused", None, None, "There is no location PARIS."),
    (8, "MUG", "refused", None, None, "on_hand: must be a whole number from 0 to 1000000000"),
    (9, "", "refused", None, None, "sku: is needed"),
]


def answered(content: bytes, *, dry_run: bool = False):
    answers = import_levels(content, reference="levels.csv", actor=CLERK, dry_run=dry_run)
    return [(each.row, each.sku, each.outcome.value, each.was, each.now, each.reason) for each in answers]


def test_each_row_has_its_answer(tee, mug, berlin):
    a_kit("SET", TEE=1)

    assert answered(FILE) == ANSWERS

    assert shelf(tee, berlin) == {"available": 9, "reserved": 3}
    assert shelf(mug, berlin) == {"available": 4}
    told = Event.objects.latest("id")
    assert (told.kind, told.facts["reason"], told.facts["reference"]) == ("stock.set", "import", "levels.csv")


def test_a_dry_run_answers_the_same_and_writes_nothing(tee, mug, berlin):
    a_kit("SET", TEE=1)
    before = book()

    assert answered(FILE, dry_run=True) == ANSWERS

    assert book() == before


def test_importing_again_changes_nothing(mug, berlin):
    content = b"sku;location;available\nMUG;BERLIN;4\n"
    answered(content)
    before = book()

    assert answered(content) == [(2, "MUG", "unchanged", 4, 4, "")]

    assert book() == before


def test_a_row_that_is_stale_or_below_the_reserved_is_refused_alone(tee, mug, berlin):
    content = b"sku,location,on_hand,expecting\nTEE,BERLIN,2,\nMUG,BERLIN,5,1\n"
    before = book()

    assert answered(content) == [
        (2, "TEE", "refused", 10, None, "7 of TEE are available at BERLIN; 8 are asked for."),
        (3, "MUG", "refused", 0, None, "MUG at BERLIN: on_hand is 0 by now, not 1. Nothing was set."),
    ]

    assert happened() == before[2]
    assert shelf(tee, berlin) == {"available": 7, "reserved": 3}


def test_what_was_exported_is_imported_without_a_change(tee, mug, berlin):
    a_shelf(mug, berlin, 1)
    before = book()
    exported = "".join(export_levels())

    assert exported.splitlines() == [
        "sku,location,on_hand,expecting,available,reserved,damaged,quality_control,in_transit",
        "TEE,BERLIN,10,10,7,3,0,0,0",
        "MUG,BERLIN,1,1,1,0,0,0,0",
    ]
    assert [each[2] for each in answered(exported.encode())] == ["unchanged", "unchanged"]
    assert book() == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"sku,location\nTEE,BERLIN\n",
        b"sku,on_hand\nTEE,1\n",
        b"sku,location,on_hand,colour\n",
        b"sku,sku,location,on_hand\n",
        b"sku,location,on_hand\n\xff\n",
        b'sku,location,on_hand\n"TEE,BERLIN,1\n',
    ],
)
def test_a_file_that_is_none_is_refused_whole(tee, berlin, content):
    before = book()

    with pytest.raises(BadStockFile):
        answered(content)

    assert book() == before


def test_statements_do_not_grow_with_rows(berlin):
    for number in range(40):
        a_sku(f"S{number}")

    with CaptureQueriesContext(connection) as few:
        answered(b"sku,location,on_hand\nS0,BERLIN,3\n")
    with CaptureQueriesContext(connection) as many:
        answered(b"sku,location,on_hand\n" + b"".join(b"S%d,BERLIN,4\n" % number for number in range(40)))

    assert len(many) == len(few)


def test_the_command_answers_row_by_row_and_fails_where_one_is_refused(tmp_path, tee, mug, berlin):
    file = tmp_path / "levels.csv"
    file.write_bytes(b"sku,location,on_hand\nMUG,BERLIN,4\nCUP,BERLIN,1\n")

    dry = CliRunner().invoke(stock, ["import", "--dry-run", str(file)])
    assert dry.exit_code == 1
    assert shelf(mug, berlin) == {}
    done = CliRunner().invoke(stock, ["import", str(file)])

    assert done.exit_code == 1
    assert "row 2: MUG at BERLIN: 0 -> 4" in done.output
    assert "row 3: CUP at BERLIN: There is no SKU CUP." in done.output
    assert "set 1, unchanged 0, refused 1" in done.output
    assert shelf(mug, berlin) == {"available": 4}


def test_the_command_writes_a_file_or_to_the_standard_output(tmp_path, berlin):
    file = tmp_path / "levels.csv"

    assert CliRunner().invoke(stock, ["export", str(file)]).exit_code == 0
    printed = CliRunner().invoke(stock, ["export"])

    assert printed.output == file.read_text() == "".join(export_levels())
