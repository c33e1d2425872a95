"""docs/importing.md: its mapping reads its file, and every field, option and reason is named."""

import re
from pathlib import Path

import pytest

from orderwright.adapters.csv_files import mapped
from orderwright.channels.reconciling import OUTCOMES
from orderwright.cli.importing import orders

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")


def shown(kind: str) -> str:
    (found,) = re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_mapping_that_is_shown_reads_the_file_that_is_shown(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(shown("toml"), encoding="utf-8")
    (tmp_path / "export.csv").write_text(shown("csv"), encoding="utf-8")

    (document,) = mapped.Mapped(
        [tmp_path / "export.csv"], channel="shop", mapping=tmp_path / "mapping.toml"
    ).documents()

    assert document.order is not None
    assert [(line.sku, line.unit_price) for line in document.order.lines] == [("TEE-1", "12.50")]
    assert [one.amount for one in document.order.adjustments] == ["4.90"]
    assert document.order.customer.name == "Ada Lovelace"


@pytest.mark.parametrize(
    "names",
    [
        mapped.FIELDS,
        mapped.SETTINGS,
        OUTCOMES,
        [option.opts[-1] for option in orders.params if option.param_type_name == "option"],
    ],
    ids=["fields", "settings", "outcomes", "options"],
)
def test_everything_is_named(names: list[str]) -> None:
    assert [name for name in names if not re.search(rf"[`\n]{re.escape(name)}\b", PAGE)] == []


def test_every_reason_is_named() -> None:
    sources = [
        *(ROOT / "src/orderwright/adapters/csv_files").glob("*.py"),
        ROOT / "src/orderwright/channels/taking_in.py",
    ]
    used = {
        reason
        for source in sources
        for reason in re.findall(r'(?:Kept\([^)]*?|NOT_ENOUGH = )"(\w+)"', source.read_text(encoding="utf-8"))
    }

    assert {"malformed", "no_goods", "not_enough_stock"} <= used
    assert [reason for reason in used - {"credit_note"} if f"`{reason}`" not in PAGE] == []
