"""Audits: what must always be true, said as queries that find where it is not.

Each room that keeps books exports `CHECKS` from its `auditing.py`; `flows.audit` adds those that cross rooms and runs
all of them on one snapshot of the live database, so that work which goes on meanwhile breaks none.
"""

from typing import NamedTuple


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
