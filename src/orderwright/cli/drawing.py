"""`orderwright draw`: the pages of the docs that are drawn from the code, so that they cannot be wrong.

A test compares what stands in `docs/` with what this draws.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Formatter

import click

import orderwright
from orderwright.kernel.books import Book
from orderwright.kernel.errors import Refusal
from orderwright.runtime.django_setup import wake_django

DRAWN = "<!-- Drawn from the code by `make draw`; edit the code, not this page. -->"
NOT_ROOMS = ("orderwright.__main__", "orderwright.runtime", "orderwright.demo")


@click.command()
@click.option(
    "--docs", default="docs", type=click.Path(path_type=Path, file_okay=False), help="The folder of the docs."
)
def draw(docs: Path) -> None:
    """Write the pages of the docs that are drawn from the code: books, events, refusals."""
    wake_django(with_database=False)
    for name, text in pages().items():
        page = docs / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
        click.echo(f"{page} drawn.")


def pages() -> dict[str, str]:
    """The text of every drawn page by its name under `docs/`.  Django is set up already."""
    modules = [importlib.import_module(name) for name in module_names()]
    books = {id(found): found for module in modules for found in vars(module).values() if isinstance(found, Book)}
    kinds = {
        module.__name__.split(".")[1]: module.KINDS for module in modules if module.__name__.endswith(".happenings")
    }
    return {
        "books.md": _books(sorted(books.values(), key=lambda book: list(HOLDERS).index(book.name))),
        "events.md": _events(kinds),
        "refusals.md": _refusals(refusals()),
    }


def module_names() -> Iterator[str]:
    """Every module of ours but those that run when they are imported, and migrations."""
    for found in pkgutil.walk_packages(orderwright.__path__, "orderwright."):
        if not found.name.startswith(NOT_ROOMS) and ".migrations" not in found.name:
            yield found.name


def refusals() -> list[type[Refusal]]:
    """Every kind of refusal, by code.  Those of modules that were not imported are not known."""
    found: dict[str, type[Refusal]] = {}
    waiting = [Refusal]
    while waiting:
        kind = waiting.pop()
        found[f"{kind.__module__}.{kind.__qualname__}"] = kind
        waiting.extend(kind.__subclasses__())
    ours = [kind for kind in found.values() if kind.__module__.startswith("orderwright.") and "code" in vars(kind)]
    return sorted(ours, key=lambda kind: kind.code)


def _page(title: str, text: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", DRAWN, text, *parts]) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


BOOKS = """An amount is always in exactly one *bucket*, and all that can happen is that some of it moves to another
bucket. A *book* says which moves are legal. Its *entries* are never changed; its *sheets* (one row for each holder and
place, one column for each bucket) are the sums of the entries, and the database refuses to let any of them below
zero. Only `kernel.books.post` writes either. Of the buckets with round ends no balance is kept: they are outside."""

HOLDERS = {
    "stock": "The holder is a SKU, the place a location: where every unit of stock is.",
    "lines": "The holder is an order line (a kit's line has a line for each part), the place a location or nowhere yet:"
    " where every unit that a customer asked for is.",
    "work": "The holder is a line of a fulfilment order, the place its location: what became of its units.",
    "tenders": "The holder is a tender, a means of payment on an order: where its money is, in minor units.",
    "credit": "The holder is a gift card, or a customer's credit in a currency: what the shop owes, in minor units.",
}


def _books(books: Sequence[Book]) -> str:
    return _page("The books", BOOKS, *[_book(book) for book in books])


def _book(book: Book) -> str:
    arrows = "\n".join(
        f'    {_spot(book, source)} -->|"{verb}"| {_spot(book, target)}'
        for (source, target), verb in book.steps.items()
    )
    steps = _table(("from", "to", "step"), [(source, target, verb) for (source, target), verb in book.steps.items()])
    return (
        f"## {book.name.upper()}\n\n{HOLDERS[book.name]}\n"
        f"Sheets stand in `{book.sheets}`, entries in `{book.entries}`.\n\n"
        f"```mermaid\nflowchart LR\n{arrows}\n```\n\n{steps}"
    )


def _spot(book: Book, bucket: str) -> str:
    words = bucket.replace("_", " ")
    return f"{bucket}([{words}])" if bucket in book.outside else f"{bucket}[{words}]"


EVENTS = """What happened is recorded as an event in the transaction that made it true. The same row is an order's
timeline, and the feed that others read: `GET /v1/events?after=CURSOR`, or as a stream of server-sent events.
Facts never hold personal data, and never change: the feed is public for ever. These are all kinds there are."""


def _events(kinds: Mapping[str, Mapping[str, str]]) -> str:
    parts = [
        f"## {room.capitalize()}\n\n"
        + _table(("kind", "what happened"), [(f"`{kind}`", meaning) for kind, meaning in sorted(kinds[room].items())])
        for room in sorted(kinds)
    ]
    return _page("Events", EVENTS, *parts)


REFUSALS = """A refusal is an expected *no*: nothing was changed. Over HTTP it is a problem document (RFC 9457) whose
`type` ends in the code; the facts in braces are members of it. Codes never change; sentences may, and are
translated."""


def _refusals(kinds: Sequence[type[Refusal]]) -> str:
    rows = [
        (
            f"`{kind.code}`",
            str(kind.status),
            str(kind.sentence),
            ", ".join(f"`{fact}`" for fact in facts(kind)),
            _room(kind),
        )
        for kind in kinds
    ]
    return _page("Refusals", REFUSALS, _table(("code", "HTTP", "what it says", "facts", "room"), rows))


def facts(kind: type[Refusal]) -> list[str]:
    """The facts that the sentence of a refusal names."""
    named = [name for _, name, _, _ in Formatter().parse(str(kind.sentence)) if name]
    return list(dict.fromkeys(re.split(r"[.\[]", name)[0] for name in named))


def _room(kind: type[Refusal]) -> str:
    return kind.__module__.split(".")[1]
