"""Audits: what must always be true, said as queries that find where it is not.

Each room that keeps books exports `CHECKS` from its `auditing.py`; `flows.audit` adds those that cross rooms and runs
all of them on one snapshot of the live database, so that work which goes on meanwhile breaks none.
"""

from typing import NamedTuple

from orderwright.kernel.books import Book


class Check(NamedTuple):
    """One thing that must be true.

    `name` is a word or a few, `joined_by_underscores`, and no other check has it.  `sentence` says what is true while
    all is well: "Every stock sheet equals the sum of its entries."  `statement` is one SELECT without parameters that
    answers a row for each thing that is wrong, and none where all is well; its columns are what a person needs to find
    it (order, sku, sheet, entries …) and are shown with their names, so give them aliases in trade words.
    """

    name: str
    sentence: str
    statement: str


def of_book(book: Book) -> tuple[Check, ...]:
    """What must be true of any book, whatever it holds."""
    name, sheets, entries = book.name, book.sheets, book.entries
    return (
        Check(
            f"{name}_sheets_equal_entries",
            f"Every sheet of the {name} book equals the sum of its entries.",
            SHEETS_EQUAL_ENTRIES.format(
                sheets=sheets,
                entries=entries,
                outside=", ".join(f"'{bucket}'" for bucket in sorted(book.outside)),
                sums=", ".join(
                    f"coalesce(sum(amount) FILTER (WHERE bucket = '{bucket}'), 0)::bigint AS {bucket}"
                    for bucket in book.buckets
                ),
                written=_object("s", book),
                summed=_object("e", book),
                differs=" OR ".join(f"s.{bucket} <> e.{bucket}" for bucket in book.buckets),
                anything=" OR ".join(f"s.{bucket} <> 0" for bucket in book.buckets),
            ),
        ),
        Check(
            f"{name}_entries_take_legal_steps",
            f"Every entry of the {name} book takes a step that the book knows, and moves something.",
            LEGAL_STEPS.format(
                entries=entries, steps=", ".join(f"('{source}', '{target}')" for source, target in sorted(book.steps))
            ),
        ),
        Check(
            f"{name}_entries_have_events",
            f"Every entry of the {name} book has its event.",
            HAVE_EVENTS.format(entries=entries),
        ),
        Check(
            f"{name}_floors_stand",
            f"The database refuses to let any bucket of the {name} book below zero.",
            FLOORS_STAND.format(
                sheets=sheets, floors=", ".join(f"('{sheets}_{bucket}_floor')" for bucket in book.buckets)
            ),
        ),
    )


def _object(alias: str, book: Book) -> str:
    """The buckets of a sheet that are not empty, as JSON."""
    pairs = ", ".join(f"'{bucket}', nullif({alias}.{bucket}, 0)" for bucket in book.buckets)
    return f"jsonb_strip_nulls(jsonb_build_object({pairs}))"


# Both sides of every entry, summed by sheet, laid beside the sheets.  A sheet with no entries must be empty.
SHEETS_EQUAL_ENTRIES = """
    SELECT coalesce(s.holder_id, e.holder_id) AS holder, coalesce(s.place_id, e.place_id) AS place,
           {written} AS sheet, {summed} AS entries
      FROM {sheets} s
      FULL JOIN (SELECT holder_id, place_id, {sums}
                   FROM (SELECT holder_id, target_place AS place_id, target AS bucket, amount FROM {entries}
                          WHERE target NOT IN ({outside})
                          UNION ALL
                         SELECT holder_id, source_place, source, -amount FROM {entries}
                          WHERE source NOT IN ({outside})) moved
                  GROUP BY holder_id, place_id) e
        ON s.holder_id = e.holder_id AND s.place_id = e.place_id
     WHERE s.holder_id IS NULL OR (e.holder_id IS NULL AND ({anything})) OR {differs}
"""

LEGAL_STEPS = """
    SELECT id AS entry, holder_id AS holder, source, target, amount
      FROM {entries}
     WHERE (source, target) NOT IN ({steps}) OR amount <= 0
"""

HAVE_EVENTS = """
    SELECT e.id AS entry, e.holder_id AS holder, e.event_id AS missing_event
      FROM {entries} e
     WHERE NOT EXISTS (SELECT FROM event v WHERE v.id = e.event_id)
"""

FLOORS_STAND = """
    SELECT f.floor AS missing
      FROM (VALUES {floors}) AS f(floor)
     WHERE NOT EXISTS (SELECT FROM pg_constraint c
                        WHERE c.conrelid = '{sheets}'::regclass AND c.conname = f.floor AND c.convalidated)
"""
