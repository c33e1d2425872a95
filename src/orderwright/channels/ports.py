"""What a format of order files must be able to do, and what it makes of them.

A format reads files and sorts every line of them: into an order's lines, an order's adjustments, corrections of stock,
lines that wait until returns are booked, and lines that are refused, each with a reason.  It knows no database.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Protocol

from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal
from orderwright.orders.drafting import Draft


class UnreadableFile(Refusal):
    code = "unreadable_file"
    status = 422
    sentence = _("{file} cannot be read: {problem}")


class BadMapping(Refusal):
    code = "bad_mapping"
    status = 422
    sentence = _("The mapping {file} cannot be used: {problem}")


class Line(NamedTuple):
    """One line as the file has it.  `worth` is quantity x unit price in millionths; 0 where a line has no such two."""

    number: int  # in all files together, counted from 1, header rows aside
    worth: int
    cells: list[str]


class Correction(NamedTuple):
    """Units that the shop found or lost: `quantity` is signed.  `reason` is one of `inventory.adjusting`'s."""

    line: Line
    sku: str
    quantity: int
    reason: str


class Kept(NamedTuple):
    """A line of which nothing is made now; `reason` is a word that stays the same, such as `no_goods`."""

    line: Line
    reason: str


class Document(NamedTuple):
    """What the channel calls one document (an invoice, an order): each of its lines is in exactly one of the lists.

    `order_lines` are the lines behind `order.lines`, and `charges` those behind `order.adjustments`, in that order.
    """

    reference: str
    at: datetime | None
    order: Draft | None
    order_lines: Sequence[Line]
    charges: Sequence[Line]
    corrections: Sequence[Correction]
    waiting: Sequence[Kept]
    refused: Sequence[Kept]


class OrderFiles(Protocol):
    """Some files that belong together, as one stream of documents that can be read any number of times."""

    @property
    def currency(self) -> str: ...

    @property
    def fingerprint(self) -> str:
        """What tells these files from others: a hash of their content, and of how it is read."""
        ...

    @property
    def lines(self) -> int:
        """How many lines there are, counted before anything is sorted."""
        ...

    @property
    def worth(self) -> int:
        """Sum of quantity x unit price in millionths over all lines, added up before anything is sorted."""
        ...

    def as_read(self, line: Line) -> dict[str, str]:
        """The line's cells by their columns' names, as they are kept where nothing is made of the line."""
        ...

    def documents(self) -> Iterator[Document]:
        """The documents in the order of their first lines; lines of a document that come later are with the first."""
        ...


class OrderFormat(Protocol):
    """A way to read order files; `orderwright.order_format` is its entry point."""

    def __call__(self, files: Sequence[Path], *, channel: str, mapping: Path | None) -> OrderFiles:
        """Open the files.  Raises `UnreadableFile`, and `BadMapping` where a mapping is missing, wrong or too many."""
        ...
