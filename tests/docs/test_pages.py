"""What the pages say exists: commands, addresses, files, functions, settings; and their JSON and Python can be read."""

import ast
import json
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

import pytest

from orderwright.api.app import api
from orderwright.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
METHODS = "GET|POST|PUT|PATCH|DELETE"


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def blocks(page: Path, *languages: str) -> list[str]:
    return [text for language, text in BLOCK.findall(page.read_text(encoding="utf-8")) if language in languages]


@every_page
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)", text)) | {
        word for block in blocks(page, "sh") for word in re.findall(r"^make ([a-z-]+)", block, re.MULTILINE)
    }

    assert named - targets == set()


@every_page
def test_commands_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|bin/|^|\$ )orderwright ([a-z][a-z-]*)", text, re.MULTILINE))

    assert named - set(COMMANDS) == set()


@cache
def addresses() -> list[tuple[re.Pattern[str], Collection[str]]]:
    """The shape of every path of the API, and its methods."""
    paths = api.get_openapi_schema()["paths"]
    return [(re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path) + "$"), list(methods)) for path, methods in paths.items()]


@cache
def code() -> str:
    """All our Python, end to end."""
    return "\n".join(
        path.read_text(encoding="utf-8") for part in ("src", "tests") for path in (ROOT / part).rglob("*.py")
    )


@every_page
def test_addresses_of_the_api_exist(page: Path) -> None:
    answers = addresses()
    text = page.read_text(encoding="utf-8")
    asked = set(re.findall(rf"`({METHODS}) (/v1/[^\s`?]*)", text))

    missing = [
        f"{method} {path}"
        for method, path in asked
        if not any(
            shape.match(re.sub(r"\{[^}]*\}|[A-Z]{{2,}}|…", "x", path.rstrip("/"))) and method.lower() in methods
            for shape, methods in answers
        )
    ]

    assert missing == []


@every_page
def test_json_and_python_can_be_read(page: Path) -> None:
    for text in blocks(page, "json"):
        json.loads(text)
    for text in blocks(page, "python"):
        ast.parse(text)


@every_page
def test_settings_exist(page: Path) -> None:
    named = set(re.findall(r"\bORDERWRIGHT_[A-Z_]+", page.read_text(encoding="utf-8")))

    assert {name for name in named if name not in code()} == set()


NAMED_LINK = re.compile(r"\[`(\w+)`\]\(([^)]+\.py)\)")


@every_page
def test_functions_are_where_the_page_says(page: Path) -> None:
    for name, link in NAMED_LINK.findall(page.read_text(encoding="utf-8")):
        tree = ast.parse((page.parent / link).read_text(encoding="utf-8"))
        defined = {
            node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        }
        assert name in defined, link


def test_the_tour_stops_at_functions_that_fit_on_a_screen() -> None:
    page = ROOT / "docs" / "tour.md"
    stops = NAMED_LINK.findall(page.read_text(encoding="utf-8"))

    for name, link in stops:
        for node in ast.parse((page.parent / link).read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
                assert (node.end_lineno or 0) - node.lineno < 50, name
    assert len(stops) >= 12


FOLDERS = "src|tests|bench|docs|flows|orders|inventory|payments|kernel|catalog|customers|channels|api"


@every_page
def test_files_of_the_code_exist(page: Path) -> None:
    """A path in backticks such as `flows/place_orders.py` or `tests/laws` is a file or folder of ours."""
    named = re.findall(rf"`((?:{FOLDERS})/[\w./]*)`", page.read_text(encoding="utf-8"))

    assert [one for one in named if not any((base / one).exists() for base in (ROOT, ROOT / "src/orderwright"))] == []
