"""All that people are told, gathered from the code and the templates, and what is written of it in German.

`python tests/wording.py` adds what is new to the German catalog, without a translation, drops what nobody says any
more, and compiles it.
"""

import ast
import os
import re
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).parents[1] / "src" / "orderwright"
GERMAN = SOURCE / "locale" / "de" / "LC_MESSAGES"
TEXT = r"(?:u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\")"
CALLED = re.compile(rf"\bgettext\((?P<said>{TEXT})\)")
CALLED_PLURAL = re.compile(rf"\bngettext\((?P<one>{TEXT}),\s*(?P<many>{TEXT})")
GETTEXT = {"gettext", "gettext_lazy"}
NGETTEXT = {"ngettext", "ngettext_lazy"}

Said = str | tuple[str, str]


def said() -> dict[Said, str]:
    """Every sentence, or pair of singular and plural, with the file that says it."""
    found: dict[Said, str] = {}
    for path in sorted(SOURCE.rglob("*")):
        name = path.relative_to(SOURCE).as_posix()
        if path.suffix == ".py" and "/migrations/" not in name:
            found |= dict.fromkeys(_in_code(path), name)
        elif "/templates/" in name and path.is_file():
            found |= dict.fromkeys(_in_template(path), name)
    return found


def german() -> Catalog:
    with (GERMAN / "django.po").open("rb") as file:
        return read_po(file, locale="de")


def _in_code(path: Path) -> list[Said]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    one, many = _names(tree, GETTEXT), _names(tree, NGETTEXT)
    found: list[Said] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            if node.func.id in one:
                found.append(ast.literal_eval(node.args[0]))
            elif node.func.id in many:
                found.append((ast.literal_eval(node.args[0]), ast.literal_eval(node.args[1])))
    return found


def _names(tree: ast.Module, functions: set[str]) -> set[str]:
    """What the functions of django.utils.translation are called in a module."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in functions
    }


def _in_template(path: Path) -> list[Said]:
    code = templatize(path.read_text(encoding="utf-8"))
    found: list[Said] = [_read(match["said"]) for match in CALLED.finditer(code)]
    return found + [(_read(match["one"]), _read(match["many"])) for match in CALLED_PLURAL.finditer(code)]


def _read(text: str) -> str:
    return str(ast.literal_eval(text.lstrip("u")))


def write(translations: dict[Said, str | tuple[str, ...]] | None = None) -> list[Said]:
    """Bring the German catalog up to date; answers what it does not say yet."""
    old, sentences = german(), said()
    new = Catalog(locale="de", header_comment=old.header_comment, project="Orderwright", fuzzy=False)
    missing: list[Said] = []
    for sentence, where in sorted(sentences.items(), key=lambda pair: (pair[1], str(pair[0]))):
        known = old.get(sentence[0] if isinstance(sentence, tuple) else sentence)
        string = (translations or {}).get(sentence) or (known.string if known else "")
        if isinstance(sentence, tuple) and not isinstance(string, tuple):
            string = ("", "")
        if not (all(string) if isinstance(string, tuple) else string):
            missing.append(sentence)
        new.add(sentence, string, locations=[(where, None)])
    with (GERMAN / "django.po").open("wb") as file:
        write_po(file, new, width=120, sort_by_file=False, omit_header=False)
    with (GERMAN / "django.mo").open("wb") as file:
        write_mo(file, new)
    return missing


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orderwright.settings")
    django.setup()
    for sentence in write():
        print("Not in German yet:", sentence)  # noqa: T201
