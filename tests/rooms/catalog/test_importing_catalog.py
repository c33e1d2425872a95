"""Importing the catalog from a CSV file."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from orderwright.catalog.importing import CHUNK, BadFile, count, import_catalog
from orderwright.catalog.models import Category, KitPart, Price, Product, Sku
from orderwright.kernel import actors
from orderwright.kernel.models import Event

CLERK = actors.system("test")

FILE = b"""sku,name,product,product_name,gtin,weight_grams,active,price EUR,price gbp,parts
SET,Breakfast set,,,,,,"19.90",,MUG-RED*2|SPOON
MUG-RED,Red mug,MUG,Mug,4006381333931,350,yes,4.50,3.95,
MUG-BLUE,Blue mug,MUG,,,350,yes,4.50,,
SPOON,Spoon,,,,,no,0.333333,,
"""


def run(content: bytes | str, **options: bool) -> list[tuple[int, str, str, str]]:
    content = content if isinstance(content, bytes) else content.encode()
    answers = import_catalog(content, actor=CLERK, **options)
    return [(answer.row, answer.sku, answer.outcome.value, answer.code) for answer in answers]


def everything() -> list[object]:
    models = (Category, Product, Sku, Price, KitPart, Event)
    return [list(model.objects.order_by("pk").values()) for model in models]


CREATED = [
    (2, "SET", "created", ""),
    (3, "MUG-RED", "created", ""),
    (4, "MUG-BLUE", "created", ""),
    (5, "SPOON", "created", ""),
]


@pytest.mark.django_db
def test_each_row_becomes_a_sku():
    assert run(FILE) == CREATED

    red = Sku.objects.get(code="MUG-RED")
    assert (red.name, red.product.name, red.gtin, red.weight_grams) == ("Red mug", "Mug", "4006381333931", 350)
    assert set(red.prices.values_list("currency", "unit_price_micros")) == {("EUR", 4_500_000), ("GBP", 3_950_000)}
    assert not Sku.objects.get(code="SPOON").active
    assert {part.part.code: part.quantity for part in KitPart.objects.all()} == {"MUG-RED": 2, "SPOON": 1}


@pytest.mark.django_db
def test_importing_again_changes_nothing():
    run(FILE)
    before = everything()

    answers = run(FILE)

    assert [outcome for _row, _sku, outcome, _code in answers] == ["unchanged"] * 4
    assert everything() == before


@pytest.mark.django_db
def test_a_dry_run_answers_the_same_and_writes_nothing():
    before = everything()

    assert run(FILE, dry_run=True) == CREATED

    assert everything() == before
    assert run(FILE) == CREATED
    assert [outcome for *_, outcome, _code in run(FILE, dry_run=True)] == ["unchanged"] * 4


@pytest.mark.django_db
def test_what_is_not_said_stays():
    run(FILE)

    answers = run("sku;weight_grams;price EUR\nMUG-RED;360;\nMUG-BLUE;;4.5\n")

    assert [outcome for *_, outcome, _code in answers] == ["changed", "unchanged"]
    red = Sku.objects.get(code="MUG-RED")
    assert (red.name, red.weight_grams, red.version) == ("Red mug", 360, 2)


@pytest.mark.django_db
def test_rows_that_cannot_be_are_refused_with_a_reason_and_the_others_stand():
    answers = run(
        "sku,name,product,product_name,gtin,weight_grams,active,category,price EUR,parts\n"
        "A,A,P,Pots,,,,,1,\n"
        "B,B,,,4006381333932,,,,1,\n"
        "C,C,,,,heavy,,,1,\n"
        "D,D,,,,,perhaps,,1,\n"
        "E,E,,,,,,nowhere,1,\n"
        "F,F,,,,,,,much,\n"
        "G,G,,,,,,,1,A*0\n"
        "H,H,,,,,,,1,NONE\n"
        "A,A,,,,,,,1,\n"
        "I,I,P,Pans,,,,,1,\n"
        ",J,,,,,,,1,\n"
        "K,K,,,,,,,1,,,\n"
        "L,,,,,,,,1,\n"
        "\n"
        "M,M,,,,,,,1,A|A\n"
        "N,N,,,,,,,1,A*2\n"
    )

    assert [(sku, code) for _row, sku, outcome, code in answers if outcome == "refused"] == [
        ("B", "invalid"),
        ("C", "invalid"),
        ("D", "invalid"),
        ("E", "not_found"),
        ("F", "not_an_amount"),
        ("G", "invalid"),
        ("H", "not_found"),
        ("A", "invalid"),
        ("I", "invalid"),
        ("", "invalid"),
        ("K", "invalid"),
        ("L", "invalid"),
        ("M", "invalid"),
    ]
    assert set(Sku.objects.values_list("code", flat=True)) == {"A", "N"}
    assert set(Product.objects.values_list("code", flat=True)) == {"P", "N"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name\nA\n",
        b"sku,colour\nA,red\n",
        b"sku,sku\nA,A\n",
        b"sku\n\xff\n",
        b'sku\n"A\n',
        b"sku,price EURO\nA,1\n",
    ],
)
def test_a_file_that_is_no_catalog_is_refused_as_a_whole(content):
    with pytest.raises(BadFile):
        run(content)

    assert Sku.objects.count() == 0


@pytest.mark.django_db
def test_long_files_go_in_chunks():
    plain = "".join(f"S{i},S,{i}.5,\n" for i in range(CHUNK + 20))
    kits = "".join(f"K{i},K,,S{CHUNK + i}*2\n" for i in range(20))
    seen: list[int] = []

    answers = import_catalog(f"sku,name,price EUR,parts\n{kits}{plain}".encode(), actor=CLERK, progress=seen.append)

    assert count(answers) == {"created": CHUNK + 40, "changed": 0, "unchanged": 0, "refused": 0}
    assert seen == [0, CHUNK, 20, 20]
    assert KitPart.objects.count() == 20


@pytest.mark.django_db
def test_a_spreadsheet_writes_a_mark_semicolons_and_cells_of_several_lines():
    answers = run('\ufeffSKU;Name;Description\r\nA;A;"first\r\nsecond"\r\nB;B;\r\n'.encode())

    assert [(row, sku, outcome) for row, sku, outcome, _code in answers] == [(3, "A", "created"), (4, "B", "created")]
    assert Product.objects.get(code="A").description == "first\r\nsecond"


@pytest.mark.django_db(transaction=True)
def test_the_same_file_from_several_sides_at_once_is_imported_once():
    rows = "".join(f"S{i},S,P{i % 7},P,{i}.5,\n" for i in range(200)) + "".join(
        f"K{i},K,,,,S{i}*2\n" for i in range(50)
    )
    content = f"sku,name,product,product_name,price EUR,parts\n{rows}".encode()

    def work(_turn: int) -> dict[str, int]:
        try:
            return count(import_catalog(content, actor=CLERK))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(work, range(4)))

    assert [one["refused"] for one in counts] == [0] * 4
    assert sum(one["created"] for one in counts) == 250
    assert sum(one["changed"] for one in counts) == 0
    assert Event.objects.filter(kind="sku.created").count() == 250
