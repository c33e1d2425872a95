"""The registers of the catalog: things known by a code, in one table each, read and written many rows at a time."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from orderwright.catalog import checking
from orderwright.kernel import sql

Fields = dict[str, Any]


class Register(NamedTuple):
    """A table of things with codes.  A field that refers to another register holds that one's code."""

    noun: str  # in events and refusals; the table's name too
    checks: Mapping[str, checking.Check]
    types: Mapping[str, str]  # SQL type of each field
    defaults: Mapping[str, Any]  # of fields that a new row may leave out
    refers: Mapping[str, str]  # field: table
    fixed: frozenset[str] = frozenset()  # fields that stay as they were at the beginning
    whole: bool = False  # a small table, edited under a lock of the whole of it


class Row(NamedTuple):
    id: int
    version: int
    fields: Fields


CATEGORIES = Register(
    noun="category",
    checks=checking.CATEGORY,
    types={"name": "text", "parent": "text"},
    defaults={"parent": None},
    refers={"parent": "category"},
    whole=True,
)

PRODUCTS = Register(
    noun="product",
    checks=checking.PRODUCT,
    types={"name": "text", "description": "text", "category": "text"},
    defaults={"description": "", "category": None},
    refers={"category": "category"},
)

SKUS = Register(
    noun="sku",
    checks=checking.SKU,
    types={
        "product": "text",
        "name": "text",
        "is_kit": "boolean",
        "active": "boolean",
        "gtin": "text",
        "weight_grams": "integer",
        "length_mm": "integer",
        "width_mm": "integer",
        "height_mm": "integer",
        "customs_code": "text",
        "origin_country": "text",
        "tax_class": "text",
        "when_short": "text",
        "backorder_limit": "bigint",
        "low_stock_at": "bigint",
        "lead_days": "integer",
    },
    defaults={
        "is_kit": False,
        "active": True,
        "gtin": None,
        "weight_grams": None,
        "length_mm": None,
        "width_mm": None,
        "height_mm": None,
        "customs_code": "",
        "origin_country": "",
        "tax_class": "standard",
        "when_short": "deny",
        "backorder_limit": None,
        "low_stock_at": None,
        "lead_days": None,
    },
    refers={"product": "product"},
    fixed=frozenset({"is_kit"}),
)

CHANNELS = Register(
    noun="channel",
    checks=checking.CHANNEL,
    types={
        "name": "text",
        "currency": "text",
        "series": "text",
        "number_prefix": "text",
        "active": "boolean",
        "prices_include_tax": "boolean",
        "sourcing": "text[]",
        "capture_when": "text",
        "unpaid_expires_seconds": "integer",
        "transfer_expires_seconds": "integer",
    },
    defaults={
        "active": True,
        "prices_include_tax": True,
        "sourcing": ["fewest_parcels", "nearest", "ranked"],
        "capture_when": "placement",
        "unpaid_expires_seconds": None,
        "transfer_expires_seconds": None,
    },
    refers={},
    fixed=frozenset({"currency", "series", "number_prefix"}),  # or a number that was given out would come again
    whole=True,
)


def lock_rows(register: Register, codes: Collection[str]) -> dict[str, Row]:
    """These rows by code, as far as they exist, locked in the order of their ids; all rows of a `whole` register."""
    if register.whole:
        sql.run(f"LOCK TABLE {register.noun} IN SHARE ROW EXCLUSIVE MODE")  # readers and foreign keys pass
    columns, joins = _columns(register), _joins(register, "t.{field}_id = {alias}.id")
    statement = f"SELECT t.id, t.version, t.code, {columns} FROM {register.noun} t {joins}"
    if register.whole:
        found = sql.rows(statement)
    else:
        found = sql.rows(f"{statement} WHERE t.code = ANY (%s::text[]) {LOCKED}", [sql.texts(codes)])
    return {row[2]: Row(row[0], row[1], dict(zip(register.types, row[3:], strict=True))) for row in found}


LOCKED = "ORDER BY t.id FOR NO KEY UPDATE OF t"


def write_new(register: Register, rows: Mapping[str, Fields]) -> dict[str, int]:
    """Write new rows; answers the ids of those that were written, for another may have been first."""
    if not rows:
        return {}
    statement = INSERT.format(
        table=register.noun,
        columns=", ".join(_column(register, field) for field in register.types),
        values=", ".join(_value(register, field) for field in register.types),
        arrays=", ".join(f"%s::{_array(kind)}" for kind in ["text", *register.types.values()]),
        names=", ".join(["code", *register.types]),
        joins=_joins(register, "{alias}.code = w.{field}"),
    )
    codes = sorted(rows)
    parameters = [sql.texts(codes), *_arrays(register, [rows[code] for code in codes])]
    return dict(sql.rows(statement, parameters))


INSERT = """
    INSERT INTO {table} (code, {columns})
    SELECT w.code, {values} FROM unnest({arrays}) AS w({names}) {joins} ORDER BY w.code
        ON CONFLICT DO NOTHING
    RETURNING code, id
"""


def write_changed(register: Register, rows: Mapping[int, Fields]) -> None:
    """Write rows that are locked, by id, and raise their versions."""
    if not rows:
        return
    statement = UPDATE.format(
        table=register.noun,
        sets=", ".join(f"{_column(register, field)} = {_value(register, field)}" for field in register.types),
        arrays=", ".join(f"%s::{_array(kind)}" for kind in ["bigint", *register.types.values()]),
        names=", ".join(["id", *register.types]),
        joins=_joins(register, "{alias}.code = w.{field}"),
    )
    sql.run(statement, [sql.ints(rows), *_arrays(register, list(rows.values()))])


UPDATE = """
    UPDATE {table} t SET {sets}, version = t.version + 1
      FROM unnest({arrays}) AS w({names}) {joins}
     WHERE t.id = w.id
"""


def existing(table: str, codes: Collection[str]) -> set[str]:
    """Which of these codes a register has."""
    return {row[0] for row in sql.rows(f"SELECT code FROM {table} WHERE code = ANY (%s::text[])", [sql.texts(codes)])}


def _columns(register: Register) -> str:
    """What is read: own columns, and the codes of what is referred to."""
    return ", ".join(f"r_{field}.code" if field in register.refers else f"t.{field}" for field in register.types)


def _column(register: Register, field: str) -> str:
    return f"{field}_id" if field in register.refers else field


def _value(register: Register, field: str) -> str:
    """What is written: the id that a code stands for; a list, which travels as its text."""
    if field in register.refers:
        return f"r_{field}.id"
    return f"w.{field}::text[]" if register.types[field] == "text[]" else f"w.{field}"


def _joins(register: Register, condition: str) -> str:
    return " ".join(
        f"LEFT JOIN {table} r_{field} ON {condition.format(field=field, alias=f'r_{field}')}"
        for field, table in register.refers.items()
    )


def _array(kind: str) -> str:
    return "text[]" if kind == "text[]" else f"{kind}[]"


def _arrays(register: Register, rows: Sequence[Fields]) -> list[str]:
    """One array literal a field."""
    written: dict[str, Callable[[Any], str]] = {"text": sql.texts, "text[]": _lists, "boolean": sql.booleans}
    return [written.get(kind, sql.ints)([row[field] for row in rows]) for field, kind in register.types.items()]


def _lists(lists: Iterable[Iterable[str]]) -> str:
    """An array literal of array literals: PostgreSQL has no arrays of arrays of different lengths."""
    return sql.texts([sql.texts(words) for words in lists])
