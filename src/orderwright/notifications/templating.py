"""Templates: MJML and text files, a merchant's before ours, compiled once and kept.

`<kind>.mjml` holds the sections of a letter and `<kind>.txt` its subject and text; `layout.mjml` is around all of
them, and `<mj-include path="…"/>` takes one in.  Django's template language is inside; templates see only what
`composing` gives them, and read no files but those of the two folders.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import mjml
from django.conf import settings
from django.template import Context, Engine, TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import Template
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal
from orderwright.notifications.kinds import KINDS

OURS = Path(__file__).parent / "templates"
INCLUDE = re.compile(r'<mj-include\s+path="([a-z_./]+)"\s*/>')
DEEPEST = 5
TAGS = ["django.templatetags.i18n"]


class BrokenTemplate(Refusal):
    code = "broken_template"
    status = 422
    sentence = _("The template {file} is broken: {problem}")


class Pair(NamedTuple):
    """A kind's two templates; the text's first line is the subject."""

    html: Template
    text: Template


def templates_of(kind: str, *, ours: bool = False) -> Pair:
    """The templates of a kind: a merchant's, where they are there and not broken, unless ours are asked for."""
    return _compiled("" if ours else settings.LETTER_TEMPLATES)[kind]


def broken() -> dict[str, str]:
    """What is wrong with the merchant's templates, by file; ours are used instead."""
    return _problems(settings.LETTER_TEMPLATES)


@lru_cache(maxsize=4)
def _compiled(folder: str) -> dict[str, Pair]:
    ours = {kind: Pair(_html(kind, [OURS]), _text(kind, [OURS])) for kind in KINDS}
    if not folder:
        return ours
    folders = [Path(folder), OURS]
    found = {}
    for kind in KINDS:
        html, text = ours[kind]
        if _check(f"{kind}.mjml", folders) == "":
            html = _html(kind, folders)
        if _check(f"{kind}.txt", folders) == "":
            text = _text(kind, folders)
        found[kind] = Pair(html, text)
    return found


@lru_cache(maxsize=4)
def _problems(folder: str) -> dict[str, str]:
    if not folder:
        return {}
    if not Path(folder).is_dir():
        return {folder: str(_("There is no such folder."))}
    folders = [Path(folder), OURS]
    checked = {f"{kind}.{ending}": "" for kind in KINDS for ending in ("mjml", "txt")}
    problems = {name: _check(name, folders) for name in checked}
    return {name: problem for name, problem in problems.items() if problem}


def _check(name: str, folders: list[Path]) -> str:
    """What is wrong with a template; empty where nothing is."""
    kind, _dot, ending = name.partition(".")
    try:
        if ending == "mjml":
            _html(kind, folders)
        else:
            _text(kind, folders)
    except BrokenTemplate as problem:
        return str(problem)
    return ""


def _html(kind: str, folders: list[Path]) -> Template:
    name = f"{kind}.mjml"
    source = INCLUDE.sub(
        lambda found: _read(name if found[1] == "letter.mjml" else found[1], folders), _read("layout.mjml", folders)
    )
    for _level in range(DEEPEST):
        source = INCLUDE.sub(lambda found: _read(found[1], folders), source)
    try:
        html = mjml.mjml2html(source, fonts={})  # no fonts of other hosts: who opens a letter is nobody else's concern
    except ValueError as error:
        raise BrokenTemplate(file=name, problem=str(error)) from error
    return _template(name, html, autoescape=True)


def _text(kind: str, folders: list[Path]) -> Template:
    name = f"{kind}.txt"
    source = _read(name, folders) + _read("foot.txt", folders)
    for _level in range(DEEPEST):
        source = INCLUDE.sub(lambda found: _read(found[1], folders), source)
    return _template(name, source, autoescape=False)


def _template(name: str, source: str, *, autoescape: bool) -> Template:
    try:
        return Engine(autoescape=autoescape, builtins=TAGS, loaders=[]).from_string(source)
    except (TemplateSyntaxError, TemplateDoesNotExist) as error:
        raise BrokenTemplate(file=name, problem=str(error)) from error


def _read(name: str, folders: list[Path]) -> str:
    for folder in folders:
        path = (folder / name).resolve()
        if path.is_file() and path.is_relative_to(folder.resolve()):
            try:
                return path.read_text()
            except (OSError, UnicodeDecodeError) as error:
                raise BrokenTemplate(file=name, problem=str(error)) from error
    raise BrokenTemplate(file=name, problem=str(_("There is no such file.")))


def render(template: Template, words: dict[str, object]) -> str:
    """A template with these words in it."""
    return template.render(Context(words, autoescape=template.engine.autoescape))
