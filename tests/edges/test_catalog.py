"""The catalog over HTTP: SKUs, prices, kits, products, pictures, categories, channels, and the import."""

import io
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from PIL import Image

from orderwright.catalog.models import Channel, Product, Sku
from orderwright.cli.importing import group
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db
JSON = "application/json"


def send(browser: Client, method: str, path: str, body: object, version: int | None = None) -> tuple[int, Any]:
    headers = {"If-Match": f'"{version}"'} if version is not None else {}
    answer = getattr(browser, method)(path, body, content_type=JSON, headers=headers)
    return answer.status_code, answer.json()


def get(browser: Client, path: str) -> tuple[int, Any]:
    answer = browser.get(path)
    return answer.status_code, answer.json()


def codes(document: dict[str, Any]) -> list[str]:
    return [row["code"] for row in document["items"]]


def test_a_sku_is_created_read_edited_and_priced(browser: Client) -> None:
    status, made = send(
        browser, "post", "/v1/skus", {"code": "MUG", "name": "Mug", "gtin": "4006381333931", "prices": {"EUR": "4.5"}}
    )
    assert status == 201
    assert (made["product"], made["version"], made["is_kit"]) == ("MUG", 1, False)
    assert made["prices"] == [{"currency": "EUR", "unit_price": "4.50"}]

    answer = browser.get("/v1/skus/MUG")
    assert (answer.json(), answer["ETag"]) == (made, '"1"')

    status, edited = send(browser, "patch", "/v1/skus/MUG", {"name": "Big mug", "gtin": None}, version=1)
    assert (status, edited["name"], edited["gtin"], edited["version"]) == (200, "Big mug", None, 2)

    status, priced = send(browser, "put", "/v1/skus/MUG/prices/USD", {"unit_price": "0.000001"})
    assert (status, priced["prices"][1]) == (200, {"currency": "USD", "unit_price": "0.000001"})

    assert [row["currency"] for row in browser.delete("/v1/skus/MUG/prices/EUR").json()["prices"]] == ["USD"]


@pytest.mark.parametrize(
    ("version", "body", "status", "code"),
    [
        (None, {"name": "x"}, 428, "version_needed"),
        (7, {"name": "x"}, 412, "stale"),
        (1, {"is_kit": True}, 422, "invalid_fields"),
        (1, {"gtin": "1"}, 422, "invalid"),
        (1, {"product": "none"}, 404, "not_found"),
        (1, {"name": "x\x00"}, 422, "invalid_fields"),
        (1, {"weight_grams": 2**40}, 422, "invalid_fields"),
        (1, {"name": None}, 422, "invalid_fields"),
        (1, [], 422, "invalid_fields"),
    ],
)
def test_an_edit_that_cannot_be_changes_nothing(
    browser: Client, version: int | None, body: object, status: int, code: str
) -> None:
    send(browser, "post", "/v1/skus", {"code": "MUG", "name": "Mug"})
    before = list(Sku.objects.values()), Event.objects.count()

    answered, problem = send(browser, "patch", "/v1/skus/MUG", body, version)

    assert (answered, problem["code"]) == (status, code)
    assert (list(Sku.objects.values()), Event.objects.count()) == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"code": "MUG", "name": "Mug"}, 409, "already_there"),
        ({"code": "CUP", "name": "Cup", "prices": {"EUR": "-1"}}, 422, "invalid"),
        ({"code": "CUP", "name": "Cup", "prices": {"QQQ": "1"}}, 422, "unknown_currency"),
        ({"code": "CUP", "name": "Cup", "parts": [{"sku": "CUP", "quantity": 1}]}, 409, "kit_in_kit"),
        ({"code": "CUP", "name": "Cup", "parts": [{"sku": "NONE", "quantity": 1}]}, 404, "not_found"),
        ({"code": "C/P", "name": "Cup"}, 422, "invalid"),
        ({"code": "CUP"}, 422, "invalid_fields"),
        ({"code": "CUP", "name": "Cup", "colour": "red"}, 422, "invalid_fields"),
    ],
)
def test_a_sku_that_cannot_be_leaves_nothing_behind(browser: Client, body: object, status: int, code: str) -> None:
    send(browser, "post", "/v1/skus", {"code": "MUG", "name": "Mug"})

    answered, problem = send(browser, "post", "/v1/skus", body)

    assert (answered, problem["code"]) == (status, code)
    assert (Sku.objects.count(), Product.objects.count()) == (1, 1)


def test_a_kit_is_made_up(browser: Client) -> None:
    for code in ("MUG", "SPOON"):
        send(browser, "post", "/v1/skus", {"code": code, "name": code})

    status, kit = send(
        browser, "post", "/v1/skus", {"code": "SET", "name": "Set", "parts": [{"sku": "MUG", "quantity": 2}]}
    )
    assert (status, kit["is_kit"], kit["parts"]) == (201, True, [{"sku": "MUG", "quantity": 2}])

    parts: dict[str, object] = {"parts": [{"sku": "SPOON", "quantity": 1}, {"sku": "SPOON", "quantity": 5}]}
    status, changed = send(browser, "put", "/v1/skus/SET/parts", parts, version=kit["version"])
    assert (status, changed["parts"]) == (200, [{"sku": "SPOON", "quantity": 6}])

    assert send(browser, "put", "/v1/skus/SET/parts", parts, version=kit["version"])[1]["code"] == "stale"
    assert send(browser, "put", "/v1/skus/MUG/parts", parts, version=1)[1]["code"] == "not_a_kit"
    assert send(browser, "put", "/v1/skus/SET/parts", {"parts": []}, version=changed["version"])[0] == 422


def test_skus_are_listed_in_pages_and_found(browser: Client) -> None:
    for code, name in (("A-1", "Red mug"), ("A-2", "Blue mug"), ("B-1", "100% wool"), ("B-2", "Spoon")):
        send(browser, "post", "/v1/skus", {"code": code, "name": name, "active": code != "B-2"})

    first = browser.get("/v1/skus", {"limit": 3}).json()
    second = browser.get("/v1/skus", {"limit": 3, "after": first["next"]}).json()

    assert (codes(first), codes(second), second["next"]) == (["A-1", "A-2", "B-1"], ["B-2"], None)
    found = {q: codes(browser.get("/v1/skus", {"q": q}).json()) for q in ("a-", "MUG", "100%", "%", "_")}
    assert found == {"a-": ["A-1", "A-2"], "MUG": ["A-1", "A-2"], "100%": ["B-1"], "%": ["B-1"], "_": []}
    assert codes(browser.get("/v1/skus", {"active": "false"}).json()) == ["B-2"]
    assert codes(browser.get("/v1/skus", {"product": "A-1"}).json()) == ["A-1"]


def test_pages_cost_the_same_number_of_statements(browser: Client, django_assert_max_num_queries: Any) -> None:
    for i in range(30):
        send(browser, "post", "/v1/skus", {"code": f"S{i}", "name": "x", "prices": {"EUR": "1", "USD": "1"}})
    get(browser, "/v1/skus")

    with django_assert_max_num_queries(4):
        get(browser, "/v1/skus")


def test_products_stand_in_categories(browser: Client) -> None:
    assert send(browser, "post", "/v1/categories", {"code": "home", "name": "Home"})[0] == 201
    assert send(browser, "post", "/v1/categories", {"code": "mugs", "name": "Mugs", "parent": "home"})[0] == 201
    status, made = send(browser, "post", "/v1/products", {"code": "P", "name": "Pot", "category": "mugs"})

    assert (status, made["category"], made["skus"]) == (201, "mugs", [])
    assert codes(get(browser, "/v1/products?category=home")[1]) == ["P"]
    assert codes(get(browser, "/v1/products?category=none")[1]) == []
    assert send(browser, "patch", "/v1/categories/home", {"parent": "mugs"}, 1)[1]["code"] == "category_circle"
    assert send(browser, "patch", "/v1/products/P", {"category": None}, 1)[1]["category"] is None
    assert codes(get(browser, "/v1/categories")[1]) == ["home", "mugs"]
    assert get(browser, "/v1/categories/mugs")[1]["parent"] == "home"


def test_a_product_has_a_picture(browser: Client) -> None:
    send(browser, "post", "/v1/products", {"code": "P", "name": "Pot"})
    written = io.BytesIO()
    Image.new("RGB", (30, 20)).save(written, "PNG")

    before = browser.get("/v1/products/P/picture").status_code
    put = browser.put("/v1/products/P/picture", written.getvalue(), content_type="image/png")
    shown = browser.get("/v1/products/P/picture")
    bad = browser.put("/v1/products/P/picture", b"<svg/>", content_type="image/png")
    wrong = browser.put("/v1/products/P/picture", b"<svg/>", content_type="image/svg+xml")
    browser.delete("/v1/products/P/picture")

    assert (before, put.status_code, put.json()["version"]) == (404, 200, 2)
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(shown.content)).size == (30, 20)
    assert (bad.status_code, bad.json()["code"], wrong.status_code) == (422, "bad_picture", 415)
    assert browser.get("/v1/products/P/picture").status_code == 404


def test_channels_are_opened_and_edited(browser: Client) -> None:
    status, made = send(browser, "post", "/v1/channels", {"code": "web", "name": "Web", "currency": "EUR"})
    assert (status, made["series"], made["number_prefix"]) == (201, "web", "WEB-")

    change = {"sourcing": ["nearest"], "capture_when": "shipment", "unpaid_expires_seconds": 3600}
    status, changed = send(browser, "patch", "/v1/channels/web", change, 1)
    assert (status, changed["sourcing"], changed["capture_when"]) == (200, ["nearest"], "shipment")

    refused = [
        send(browser, "patch", "/v1/channels/web", {"sourcing": ["whatever"]}, 2),
        send(browser, "patch", "/v1/channels/web", {"currency": "USD"}, 2),
        send(browser, "post", "/v1/channels", {"code": "b", "name": "B", "currency": "QQQ"}),
        send(browser, "post", "/v1/channels", {"code": "b", "name": "B", "currency": "EUR", "number_prefix": "WEB-"}),
    ]
    assert [problem["code"] for _status, problem in refused] == [
        "not_installed",
        "invalid_fields",
        "unknown_currency",
        "prefix_taken",
    ]
    assert Channel.objects.get().version == 2
    assert codes(get(browser, "/v1/channels")[1]) == ["web"]


CSV = b"sku,name,price EUR,parts\nMUG,Mug,4.50,\nSET,Set,,MUG*2\nBAD,Bad,much,\n"


def test_a_catalog_is_imported(browser: Client) -> None:
    dry = browser.post("/v1/skus/import?dry_run=true", CSV, content_type="text/csv").json()
    assert (dry["dry_run"], Sku.objects.count()) == (True, 0)

    first = browser.post("/v1/skus/import", CSV, content_type="text/csv").json()
    again = browser.post("/v1/skus/import", CSV, content_type="text/csv").json()

    assert first["counts"] == dry["counts"] == {"created": 2, "changed": 0, "unchanged": 0, "refused": 1}
    assert [row["outcome"] for row in again["rows"]] == ["unchanged", "unchanged", "refused"]
    assert first["rows"][2]["code"] == "not_an_amount"


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"name\nA\n", "text/csv", 422, "bad_file"),
        (b"\xff", "text/csv", 422, "bad_file"),
        (CSV, "application/json", 415, "not_csv"),
        (b"sku\n" * 6000, "text/csv", 413, "too_many_rows"),
    ],
)
def test_a_file_that_is_no_catalog_is_refused(
    browser: Client, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = browser.post("/v1/skus/import", content, content_type=kind)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Sku.objects.count() == 0


def test_what_is_not_there_is_not_found(browser: Client) -> None:
    paths = ("skus/x", "products/x", "products/x/picture", "categories/x", "channels/x")

    assert [get(browser, f"/v1/{path}")[0] for path in paths] == [404] * 5
    assert get(browser, "/v1/skus/%00")[0] in (404, 422)


def test_the_command_imports_a_catalog(tmp_path: Path) -> None:
    file = tmp_path / "catalog.csv"
    file.write_bytes(CSV)

    dry = CliRunner().invoke(group, ["catalog", str(file), "--dry-run"])
    assert (dry.exit_code, Sku.objects.count()) == (1, 0)
    real = CliRunner().invoke(group, ["catalog", str(file)])

    assert "created 2, changed 0, unchanged 0, refused 1" in dry.output
    assert "A dry run" in dry.output
    assert "row 4: BAD: " in real.output
    assert (real.exit_code, Sku.objects.count()) == (1, 2)
    file.write_bytes(CSV.replace(b"BAD,Bad,much,\n", b""))
    assert CliRunner().invoke(group, ["catalog", str(file)]).exit_code == 0
