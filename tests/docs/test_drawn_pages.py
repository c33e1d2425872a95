"""The pages that are drawn from the code are what the code says now, and they leave nothing out."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from orderwright.cli import drawing
from orderwright.orders.refusals import OutOfStock

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["books.md", "events.md", "refusals.md"])
def test_the_page_is_what_the_code_says(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == drawing.pages()[name], "run `make draw`"


def test_the_command_writes_the_pages(tmp_path: Path) -> None:
    result = CliRunner().invoke(drawing.draw, ["--docs", str(tmp_path)])

    assert result.exit_code == 0, result.output
    assert sorted(page.name for page in tmp_path.iterdir()) == ["books.md", "events.md", "refusals.md"]


def test_books_are_drawn_with_every_step() -> None:
    page = drawing.pages()["books.md"]

    assert 'available[available] -->|"reserve"| reserved[reserved]' in page
    assert 'reserved[reserved] -->|"ship"| customer([customer])' in page
    assert page.count("flowchart LR") == 5


def test_refusals_tell_their_facts() -> None:
    page = drawing.pages()["refusals.md"]

    assert f"| `{OutOfStock.code}` | 409 |" in page
