"""All that letters, their pages and packing slips say is said in German too; the compiled file says what is written."""

import ast
import io
import re
from pathlib import Path

from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

import orderwright

SOURCE = Path(orderwright.__file__).parent
GERMAN = SOURCE / "locale" / "de" / "LC_MESSAGES"
CALLED = re.compile(r"gettext\((?P<said>(?:u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\"))\)")
WRITTEN = (
    "notifications/composing.py",
    "notifications/kinds.py",
    "notifications/telling.py",
    "shipping/documents.py",
)


def said() -> set[str]:
    found: set[str] = set()
    for folder in ("notifications/templates", "web/templates"):
        for path in sorted((SOURCE / folder).iterdir()):
            code = templatize(path.read_text())
            found |= {ast.literal_eval(match["said"].lstrip("u")) for match in CALLED.finditer(code)}
    for name in WRITTEN:
        for node in ast.walk(ast.parse((SOURCE / name).read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                found.add(ast.literal_eval(node.args[0]))
    return found


def test_german_says_all_of_it():
    with (GERMAN / "django.po").open("rb") as file:
        german = {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}

    assert len(said()) > 80
    assert said() - {message for message, words in german.items() if words} == set()
    assert set(german) - said() == set(), "nobody says these any more"


def test_placeholders_survive_translation():
    with (GERMAN / "django.po").open("rb") as file:
        for entry in read_po(file):
            placeholders = re.compile(r"%\(\w+\)s|\{\w+\}")
            assert set(placeholders.findall(str(entry.id))) == set(placeholders.findall(str(entry.string))), entry.id


def test_the_compiled_file_is_the_written_one():
    with (GERMAN / "django.po").open("rb") as file:
        written = io.BytesIO()
        write_mo(written, read_po(file, locale="de"))
    with (GERMAN / "django.mo").open("rb") as file:
        compiled = {str(entry.id): str(entry.string) for entry in read_mo(file) if entry.id}

    written.seek(0)
    assert compiled == {str(entry.id): str(entry.string) for entry in read_mo(written) if entry.id}
