"""SQL written as SQL, with whole columns as parameters.

Python lists become PostgreSQL array literals here, for the driver's own way of sending lists costs more than the
statement: `unnest(%s::bigint[], %s::text[])` with `ints(…)` and `texts(…)` writes any number of rows in one statement.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connection

T = TypeVar("T")


def run(statement: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> int:
    """Execute, and say how many rows it touched (-1 inside a pipeline)."""
    with _open_cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return int(cursor.rowcount)


def rows(statement: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
    """Execute, and fetch all rows as tuples."""
    with _open_cursor() as cursor:
        cursor.execute(statement, parameters or None)
        found: list[Any] = cursor.fetchall()
        return found


@contextmanager
def _open_cursor() -> Iterator[Any]:
    """A cursor of the driver, for what Django wraps around it costs as much as a statement; Django's, where it logs."""
    if connection.queries_logged:
        with connection.cursor() as logged:
            yield logged
        return
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        yield cursor


def value(statement: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> Any:
    """Execute, and fetch the one value of the one row."""
    ((only,),) = rows(statement, parameters)
    return only


class Question(NamedTuple, Generic[T]):
    """A query of a room that can be asked together with others: its statement, and how its rows are read."""

    statement: str
    parameters: Sequence[Any]
    read: Callable[[list[Any]], T]


def ask(question: Question[T]) -> T:
    """Ask one question."""
    return question.read(rows(question.statement, question.parameters))


def ask_all(questions: Sequence[Question[Any]]) -> list[Any]:
    """Ask several questions that do not depend on one another in one round trip; answers in the same order."""
    with contextlib.ExitStack() as stack:
        cursors = [stack.enter_context(_open_cursor()) for _ in questions]
        with pipeline():
            for cursor, question in zip(cursors, questions, strict=True):
                cursor.execute(question.statement, question.parameters or None)
        return [question.read(cursor.fetchall()) for cursor, question in zip(cursors, questions, strict=True)]


# For the rest of the transaction, find rows by index.  A table is empty on a shop's first day, so that reading all of
# it looks cheap; such a plan, and those of the foreign keys' checks, would be kept while the table grows.
BY_INDEX: Question[None] = Question("SELECT set_config('enable_seqscan', 'off', true)", (), lambda rows: None)


@contextmanager
def pipeline() -> Iterator[None]:
    """Send the statements inside without waiting for each; the first error comes out at the end."""
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def ints(numbers: Iterable[int | None]) -> str:
    """An array literal of integers; None is NULL."""
    return "{" + ",".join([str(number) if number is not None else "NULL" for number in numbers]) + "}"


def texts(words: Iterable[str | None]) -> str:
    """An array literal of texts; None is NULL."""
    return "{" + ",".join([quoted(word) if word is not None else "NULL" for word in words]) + "}"


def quoted(word: str) -> str:
    """One element of an array literal."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def booleans(truths: Iterable[bool | None]) -> str:
    return "{" + ",".join(["NULL" if truth is None else "t" if truth else "f" for truth in truths]) + "}"
