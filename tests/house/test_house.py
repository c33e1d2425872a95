"""The rules of the house, as far as a program can check them."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from orderwright.cli import drawing

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "orderwright"
MODULES = sorted(path for path in SOURCES.rglob("*.py") if "migrations" not in path.parts)
LONGEST_FUNCTION = 70
LONGEST_FILE = 600


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def test_imports_look_down() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_no_import_hides_inside_a_function() -> None:
    hidden = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]

    assert hidden == []


WRITES_SHEETS = re.compile(
    r"(INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE|COPY)\s+(stock|line|tender)_(sheet|entry)\b"
    r"|(Stock|Line|Tender)(Sheet|Entry)(\(|\.objects\b[^\n]*\.(create|bulk_create|update|delete|bulk_update)\()",
    re.IGNORECASE,
)


def test_only_post_writes_sheets_and_entries() -> None:
    written = [
        f"{name_of(path)}: {found.group(0)}"
        for path in MODULES
        if path.name != "models.py"
        for found in WRITES_SHEETS.finditer(path.read_text(encoding="utf-8"))
    ]

    assert written == []


def test_the_search_for_writers_of_sheets_finds_them() -> None:
    assert WRITES_SHEETS.search("UPDATE stock_sheet SET available = 1")
    assert WRITES_SHEETS.search("StockSheet.objects.filter(pk=1).update(available=2)")
    assert not WRITES_SHEETS.search("SELECT available FROM stock_sheet")


BANNED_WORDS = re.compile(
    r"(?i:\b(fulfill(s|ed|ing|ment|ments|er)?|cancell(ed|ing|able)|authoris(e|ed|es|ing|ation|ations)|qty|amt)\b"
    r"|_qty\b|\bqty_)|\b(TODO|FIXME|XXX)\b"
)
BANNED_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|services?)(_|$)|(Manager|Helper|Service|Processor)$")
THEIR_WORDS = ("adapters",)  # whoever speaks with another system has to use its words


def test_spelling_is_decided_once() -> None:
    found = [
        f"{name_of(path)}: {word.group(0)}"
        for path in [*MODULES, *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "tests").rglob("*.py"))]
        if path.exists()
        and path != Path(__file__)
        and path.name != "vocabulary.md"
        and not set(THEIR_WORDS) & set(path.parts)
        for word in BANNED_WORDS.finditer(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_names_are_words_of_the_trade() -> None:
    found = [name_of(path) for path in MODULES if BANNED_NAMES.search(path.stem)]
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and BANNED_NAMES.search(node.name):
                found.append(f"{name_of(path)}: {node.name}")

    assert found == []


def test_every_module_says_what_it_is() -> None:
    silent = [
        name_of(path)
        for path in MODULES
        if path.stat().st_size and path.name != "apps.py" and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]

    assert silent == []


def test_functions_and_files_can_be_read_at_once() -> None:
    too_long = [
        f"{name_of(path)}: {function.name} has {lines} lines"
        for path in MODULES
        for function in functions(path)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    ]
    too_long += [
        f"{name_of(path)} has {lines} lines"
        for path in MODULES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    ]

    assert too_long == []


def test_no_signals_and_no_overridden_save() -> None:
    found = [
        f"{name_of(path)}: {word.group(0).strip()}"
        for path in MODULES
        for word in re.finditer(
            r"django\.db\.models\.signals|@receiver\(|def save\(self|models\.Manager\b",
            path.read_text(encoding="utf-8"),
        )
    ]

    assert found == []


OUTSIDE_THE_SHOP = ("runtime", "adapters")


def test_the_time_is_asked_in_one_place() -> None:
    found = [
        f"{name_of(path)}: {word.group(0)}"
        for path in MODULES
        if path.name != "clock.py" and path.relative_to(SOURCES).parts[0] not in OUTSIDE_THE_SHOP
        for word in re.finditer(
            r"datetime\.now\(|timezone\.now\(|date\.today\(|utcnow\(", path.read_text(encoding="utf-8")
        )
    ]

    assert found == []


def test_every_refusal_has_a_code_of_its_own() -> None:
    list(drawing.pages())
    codes = Counter(kind.code for kind in drawing.refusals())

    assert [code for code, times in codes.items() if times > 1] == []
    assert [code for code in codes if not re.fullmatch(r"[a-z][a-z_]*", code)] == []


WORD_WITH_DOT = re.compile(r"""["']([a-z_]+\.[a-z_]+)["']""")
PAST = re.compile(
    r"(ed|sent|held|set|low|out|noted|began|made|told|known|found|lost|put|taken_back|sent_again|handed_over|made_ready|at_customs|paid|expiring|required|asked|forgotten|split|kept|spent|let_go|given_back|withdrawn)$"
)


def recorded_kinds() -> dict[str, str]:
    """Every kind that is given to a `Happening` in the code, and where.

    Where it is put together, only its constant end (".created") or beginning ("tender.") is known.
    """
    found = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Happening":
                kind = node.args[0] if node.args else next(word.value for word in node.keywords if word.arg == "kind")
                for part in ast.walk(kind):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
                        found[part.value] = name_of(path)
    return found


def is_meant(recorded: str, kind: str) -> bool:
    return (
        recorded == kind
        or (recorded[0] == "." and kind.endswith(recorded))
        or (recorded[-1] == "." and kind.startswith(recorded))
    )


def documented_kinds() -> list[str]:
    return re.findall(r"^\| `([a-z_.]+)` \|", drawing.pages()["events.md"], re.MULTILINE)


def test_every_event_that_is_recorded_is_documented() -> None:
    documented = documented_kinds()
    recorded = recorded_kinds()

    assert {one: where for one, where in recorded.items() if not any(is_meant(one, kind) for kind in documented)} == {}
    assert len(recorded) > 20
    assert len(set(documented)) == len(documented)


def test_every_event_that_is_documented_can_happen() -> None:
    texts = [path.read_text(encoding="utf-8") for path in MODULES if path.name != "happenings.py"]
    words = {word for text in texts for word in WORD_WITH_DOT.findall(text)} | set(recorded_kinds())

    assert [kind for kind in documented_kinds() if not any(is_meant(word, kind) for word in words)] == []


def test_every_kind_is_a_noun_and_what_happened_to_it() -> None:
    odd = [kind for kind in documented_kinds() if not re.fullmatch(r"[a-z_]+\.[a-z_]+", kind) or not PAST.search(kind)]

    assert odd == []


def test_every_schema_of_the_api_has_a_name_of_its_own() -> None:
    """The document of the API names them by their class alone: of two with one name, one would be lost."""
    names = Counter(
        node.name
        for path in MODULES
        if path.parent.name == "api"
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name.endswith(("In", "Out"))
    )

    assert [name for name, times in names.items() if times > 1] == []


def test_every_room_with_tables_has_its_migrations() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)")


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    broken = [
        link for link in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in link and not link.startswith("mailto:") and not (page.parent / link).exists()
    ]  # fmt: skip

    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or not page.exists() or page.suffix != ".md":
            continue
        reached.add(page)
        waiting += [
            (page.parent / link).resolve() for link in LINK.findall(page.read_text("utf-8")) if "://" not in link
        ]

    assert [name_of(page) for page in pages() if page not in reached] == []
