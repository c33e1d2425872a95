"""The README's order is placed in the demo shop, as it stands there."""

import json
import re
from pathlib import Path

import pytest
from faulty import RunningShop

pytestmark = pytest.mark.faults

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_order_of_the_readme_can_be_placed(shop: RunningShop) -> None:
    (body,) = re.findall(r"-d '(\{.*?\})'\n", README, re.DOTALL)
    lists = re.findall(r'"http://127\.0\.0\.1:8000(/v1/[^"]*)"', README)

    placed = shop.ask("POST", "/v1/orders", json.loads(body), key="readme-1")
    again = shop.ask("POST", "/v1/orders", json.loads(body), key="readme-1")
    too_many = json.loads(body) | {"lines": [{"sku": "SET-MORNING", "quantity": 1000}]}
    refused = shop.ask("POST", "/v1/orders", too_many, key="readme-2")

    assert placed.status == 201, placed.body
    assert placed.body["status"] == "ready"
    assert [line["sku"] for line in placed.body["lines"]] == ["SET-MORNING", "HONAC"]
    assert again.body == placed.body
    assert (refused.status, refused.body["code"]) == (409, "out_of_stock")
    assert {short["sku"] for short in refused.body["short"]} == {"ASSAM-100", "CUPLO-SND"}
    assert len(lists) == 2
    assert [shop.ask("GET", path).status for path in lists] == [200, 200]


def test_the_demo_is_audited_clean(shop: RunningShop) -> None:
    clean, said = shop.audit()

    assert clean, said
