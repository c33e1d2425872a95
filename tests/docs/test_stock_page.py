"""docs/stock.md: the file it shows can be imported, and it names every reason and every address."""

import re
from pathlib import Path

import pytest
from shelves import a_location, a_shelf, a_sku

from orderwright.api.app import api
from orderwright.inventory.adjusting import REASONS
from orderwright.inventory.importing import import_levels
from orderwright.kernel import actors

PAGE = (Path(__file__).parents[2] / "docs" / "stock.md").read_text(encoding="utf-8")


@pytest.mark.django_db
def test_the_file_that_is_shown_can_be_imported() -> None:
    (shown,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    a_sku("MUG")
    a_shelf(a_sku("TEE"), a_location("BERLIN"), 10)

    answers = import_levels(shown.encode(), actor=actors.system("test"))

    assert [(answer.outcome.value, answer.was, answer.now) for answer in answers] == [("set", 10, 12), ("set", 0, 4)]


def test_every_reason_is_named() -> None:
    assert [reason for reason in REASONS if f"`{reason}`" not in PAGE] == []


def test_every_address_that_is_named_is_there() -> None:
    named = set(re.findall(r"/v1/[a-z/]+", PAGE))
    paths = [path.split("{")[0].rstrip("/") for path in api.get_openapi_schema()["paths"]]

    assert len(named) > 8
    assert [address for address in named if address.rstrip("/") not in paths] == []
