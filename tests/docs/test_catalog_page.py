"""docs/catalog.md: the file it shows is one that can be imported."""

import re
from pathlib import Path

import pytest

from orderwright.catalog import checking
from orderwright.catalog.importing import READERS, count, import_catalog
from orderwright.kernel import actors

PAGE = (Path(__file__).parents[2] / "docs" / "catalog.md").read_text(encoding="utf-8")


@pytest.mark.django_db
def test_the_file_that_is_shown_can_be_imported():
    (shown,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)

    answers = import_catalog(shown.encode(), actor=actors.system("test"))

    assert count(answers) == {"created": 4, "changed": 0, "unchanged": 0, "refused": 0}


def test_every_column_is_named():
    assert [name for name in READERS if f"`{name}`" not in PAGE] == []
    assert set(checking.SKU) - {"is_kit"} <= set(READERS)
