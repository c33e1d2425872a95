"""Reading CSV files: their rows as one stream, and the rows of each document together."""

import csv
import hashlib
import lzma
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from orderwright.channels.ports import UnreadableFile

NumberedRow = tuple[int, list[str]]  # its number among the rows of all files, counted from 1, and its cells


class Totals(NamedTuple):
    """What is known of the rows before anything is sorted."""

    lines: int
    worth: int  # in millionths
    late: dict[str, list[NumberedRow]]  # rows of documents that had been left before, by reference


class CsvFiles:
    """Files with one header, read as one; a row may not be short of cells nor have more than the header."""

    def __init__(self, files: Sequence[Path], *, delimiter: str = ",", encoding: str = "utf-8-sig") -> None:
        self.files, self.delimiter, self.encoding = files, delimiter, encoding
        headers = [self._header(file) for file in files]
        for file, header in zip(files, headers, strict=True):
            if header != headers[0]:
                raise UnreadableFile(file=file.name, problem=f"its columns differ from those of {files[0].name}")
        self.header = headers[0]

    def fingerprint(self, manner: str) -> str:
        """A hash (BLAKE2b, RFC 7693) of the files' bytes in their order, and of the `manner` in which they are read."""
        content = hashlib.blake2b(manner.encode(), digest_size=20)
        for file in self.files:
            try:
                with file.open("rb") as stream:
                    while block := stream.read(1 << 20):
                        content.update(block)
            except OSError as error:
                raise UnreadableFile(file=file.name, problem=str(error)) from error
        return content.hexdigest()

    def rows(self) -> Iterator[list[str]]:
        """All rows, header rows and empty ones aside."""
        for file in self.files:
            with self._open(file) as stream:
                try:
                    rows = csv.reader(stream, delimiter=self.delimiter, strict=True)
                    next(rows)
                    yield from filter(None, rows)
                except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError, csv.Error) as error:
                    raise UnreadableFile(file=file.name, problem=str(error)) from error

    def totals(self, reference: int, worth: Callable[[list[str]], int]) -> Totals:
        """Count and add up all rows, and find those of a document that was left before, once more.

        `reference` is the column that names the document, `worth` what a row comes to.
        """
        width, name_of = len(self.header), self.name_of
        seen: set[str] = set()
        late: dict[str, list[NumberedRow]] = {}
        last, is_late, number, total = None, False, 0, 0
        for number, row in enumerate(self.rows(), start=1):
            if len(row) == width:
                total += worth(row)
            name = name_of(row, reference)
            if name != last:
                last, is_late = name, name in seen
                seen.add(name)
            if is_late:
                late.setdefault(name, []).append((number, row))
        return Totals(number, total, late)

    def grouped(self, reference: int, late: dict[str, list[NumberedRow]]) -> Iterator[tuple[str, list[NumberedRow]]]:
        """The rows of each document, those that come late with the first."""
        name_of = self.name_of
        moved = {number for rows in late.values() for number, _row in rows}
        last: str | None = None
        group: list[NumberedRow] = []
        for number, row in enumerate(self.rows(), start=1):
            if number in moved:
                continue
            name = name_of(row, reference)
            if name != last:
                if last is not None:
                    yield last, group + late.get(last, [])
                last, group = name, []
            group.append((number, row))
        if last is not None:
            yield last, group + late.get(last, [])

    def is_broken(self, row: list[str], reference: int) -> bool:
        """A row that has not the header's cells, or does not say which document it belongs to."""
        return len(row) != len(self.header) or not row[reference].strip()

    def name_of(self, row: list[str], reference: int) -> str:
        """The document that a row belongs to; that of a broken row is the row itself, named by its content."""
        if not self.is_broken(row, reference):
            return row[reference]
        return "?" + hashlib.blake2b("\x1f".join(row).encode(), digest_size=8).hexdigest()

    def _header(self, file: Path) -> list[str]:
        try:
            with self._open(file) as stream:
                return [name.strip() for name in next(csv.reader(stream, delimiter=self.delimiter, strict=True))]
        except StopIteration:
            raise UnreadableFile(file=file.name, problem="it is empty") from None
        except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError, csv.Error) as error:
            raise UnreadableFile(file=file.name, problem=str(error)) from error

    def _open(self, file: Path) -> TextIO:
        try:
            if file.suffix == ".xz":
                return lzma.open(file, "rt", encoding=self.encoding, newline="")
            return file.open(encoding=self.encoding, newline="")
        except OSError as error:
            raise UnreadableFile(file=file.name, problem=str(error)) from error


def as_read(header: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    """A row as it is kept; cells beyond the header get numbers.  Zero bytes cannot be kept and are written out."""
    names = [*header, *(str(number) for number in range(len(header) + 1, len(row) + 1))]
    return {name: cell.replace("\x00", "\\0") for name, cell in zip(names, row, strict=False)}
