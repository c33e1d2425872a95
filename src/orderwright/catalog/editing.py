"""Editing the catalog: categories, products, SKUs and channels, many at once, each accepted or refused by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orderwright.catalog import checking
from orderwright.catalog._registers import (
    CATEGORIES,
    CHANNELS,
    PRODUCTS,
    SKUS,
    Fields,
    Register,
    Row,
    existing,
    lock_rows,
    write_changed,
    write_new,
)
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal, Stale
from orderwright.kernel.events import Happening, record


class AlreadyThere(Refusal):
    code = "already_there"
    sentence = gettext_lazy("There is a {thing} {name} already.")


class GtinTaken(Refusal):
    code = "gtin_taken"
    sentence = gettext_lazy("The GTIN {gtin} belongs to SKU {sku}.")


class CategoryCircle(Refusal):
    code = "category_circle"
    sentence = gettext_lazy("{category} cannot stand below {parent}, which stands below it.")


class PrefixTaken(Refusal):
    code = "prefix_taken"
    sentence = gettext_lazy("Channel {channel} puts the same prefix before the numbers of another series.")


class FixedField(Refusal):
    code = "fixed_field"
    sentence = gettext_lazy("{field} stays as it was when {name} was created.")


class Way(Enum):
    CREATE = "create"
    CHANGE = "change"
    EITHER = "either"


class Outcome(Enum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Wanted(NamedTuple):
    """What somebody wants to be written under a code.  Fields that are not named stay as they are."""

    code: str
    fields: Mapping[str, Any]
    way: Way = Way.EITHER
    seen: int | None = None  # the version that was looked at, where that matters


class Edited(NamedTuple):
    """What became of it."""

    code: str
    outcome: Outcome
    id: int | None = None
    version: int = 0
    refusal: Refusal | None = None


@transaction.atomic
def edit_categories(wanted: Sequence[Wanted], *, actor: Actor) -> list[Edited]:
    """Fields: `name`, `parent` (a category's code, or None)."""
    return _edit(CATEGORIES, wanted, _no_circle, actor)


@transaction.atomic
def edit_products(wanted: Sequence[Wanted], *, actor: Actor) -> list[Edited]:
    """Fields: `name`, `description`, `category` (a code, or None)."""
    return _edit(PRODUCTS, wanted, _anything_goes, actor)


@transaction.atomic
def edit_skus(wanted: Sequence[Wanted], *, actor: Actor) -> list[Edited]:
    """Fields: those of the table, `product` by its code.  What a kit is made of is for `catalog.kits` to write."""
    owners = gtin_owners(want.fields.get("gtin") for want in wanted)

    def own_gtin(code: str, fields: Fields, _rows: Mapping[str, "_Draft"]) -> Refusal | None:
        if not fields["gtin"]:
            return None
        owner = owners.setdefault(fields["gtin"], code)
        return GtinTaken(gtin=fields["gtin"], sku=owner) if owner != code else None

    try:
        return _edit(SKUS, wanted, own_gtin, actor)
    except IntegrityError as error:
        if "gtin" in str(error):
            raise Invalid(field="gtin", problem=_("was given to another SKU meanwhile")) from error
        raise


@transaction.atomic
def edit_channels(wanted: Sequence[Wanted], *, actor: Actor) -> list[Edited]:
    """Fields: those of the table.  A new channel that names none has a number series and a prefix of its own."""
    filled = [
        want
        if want.way == Way.CHANGE
        else want._replace(fields={"series": want.code, "number_prefix": f"{want.code.upper()}-"} | dict(want.fields))
        for want in wanted
    ]
    return _edit(CHANNELS, filled, _own_numbers, actor)


def only(edited: Sequence[Edited]) -> Edited:
    """What became of the one thing that was wanted; raises its refusal."""
    (one,) = edited
    if one.refusal:
        raise one.refusal
    return one


def gtin_owners(gtins: Iterable[object]) -> dict[str, str]:
    """The codes of the SKUs that have these GTINs, as far as they can be read as such."""
    normal = set()
    for text in gtins:
        try:
            normal.add(checking.gtin_or_none("gtin", text))
        except Invalid:
            continue
    return dict(sql.rows(GTIN_OWNERS, [sql.texts(sorted(normal - {None}))]))  # type: ignore[type-var]


GTIN_OWNERS = "SELECT gtin, code FROM sku WHERE gtin = ANY (%s::text[])"


@dataclass
class _Draft:
    """A row as it was, and as it will be."""

    row: Row | None
    fields: Fields
    id: int | None = None

    @property
    def changes(self) -> bool:
        return self.row is not None and self.row.fields != self.fields


Forbids = Callable[[str, Fields, Mapping[str, _Draft]], Refusal | None]


def _edit(register: Register, wanted: Sequence[Wanted], forbids: Forbids, actor: Actor) -> list[Edited]:
    """Check, lock, compare and write; the number of statements does not depend on how much is wanted."""
    checked = [_checked(register, want) for want in wanted]
    sound = [want for want in checked if isinstance(want, Wanted)]
    rows = lock_rows(register, sorted({want.code for want in sound}))
    drafts = {code: _Draft(row, dict(row.fields), row.id) for code, row in rows.items()}
    known = {
        field: existing(table, sorted({want.fields[field] for want in sound if want.fields.get(field) is not None}))
        for field, table in register.refers.items()
    }
    outcomes: list[Outcome | Refusal] = []
    for want in checked:
        try:
            outcomes.append(want if isinstance(want, Refusal) else _decide(register, want, drafts, known, forbids))
        except Refusal as refusal:
            outcomes.append(refusal)
    _write(register, drafts)
    _tell(register, drafts, actor)
    return [_edited(register, want.code, outcome, drafts) for want, outcome in zip(wanted, outcomes, strict=True)]


def _checked(register: Register, want: Wanted) -> Wanted | Refusal:
    """What is wanted in the form in which it is kept, or what is wrong with it whatever the catalog holds."""
    try:
        fields = {}
        for field, value in want.fields.items():
            if field not in register.checks:
                raise Invalid(field=field, problem=_("is not known here"))
            fields[field] = register.checks[field](field, value)
        return want._replace(code=checking.code("code", want.code), fields=fields)
    except Refusal as refusal:
        return refusal


def _decide(
    register: Register, want: Wanted, drafts: dict[str, _Draft], known: Mapping[str, set[str]], forbids: Forbids
) -> Outcome:
    """Put what is wanted into the drafts; raises the refusal where it cannot be."""
    code, draft = want.code, drafts.get(want.code)
    if draft is None and want.way == Way.CHANGE:
        raise NotFound(thing=register.noun, name=code)
    if draft is not None and want.way == Way.CREATE:
        raise AlreadyThere(thing=register.noun, name=code)
    if draft is not None and draft.row and want.seen not in (None, draft.row.version):
        raise Stale(thing=f"{register.noun} {code}", version=draft.row.version)
    fields = (draft.fields if draft else dict(register.defaults)) | dict(want.fields)
    for field in register.types:
        if field not in fields:
            raise Invalid(field=field, problem=_("is needed"))
        if draft and field in register.fixed and fields[field] != draft.fields[field]:
            raise FixedField(field=field, name=code)
    for field, codes in known.items():
        if field in want.fields and fields[field] is not None and fields[field] not in codes:
            raise NotFound(thing=register.refers[field], name=fields[field])
    refusal = forbids(code, fields, drafts)
    if refusal:
        raise refusal
    if draft and draft.fields == fields:
        return Outcome.UNCHANGED
    fields = {field: fields[field] for field in register.types}
    drafts[code] = _Draft(draft.row if draft else None, fields, draft.id if draft else None)
    return Outcome.CHANGED if draft else Outcome.CREATED


def _write(register: Register, drafts: dict[str, _Draft]) -> None:
    new = {code: draft.fields for code, draft in drafts.items() if draft.row is None}
    ids = write_new(register, new)
    for code in new:
        drafts[code].id = ids.get(code)  # none: another transaction was first
    write_changed(register, {draft.row.id: draft.fields for draft in drafts.values() if draft.row and draft.changes})


def _tell(register: Register, drafts: Mapping[str, _Draft], actor: Actor) -> None:
    happenings = []
    for code, draft in drafts.items():
        if draft.row is None and draft.id is not None:
            facts = {register.noun: code, "after": draft.fields}
            happenings.append(Happening(f"{register.noun}.created", actor, facts))
        elif draft.row and draft.changes:
            changed = [field for field in draft.fields if draft.fields[field] != draft.row.fields[field]]
            facts = {
                register.noun: code,
                "before": {field: draft.row.fields[field] for field in changed},
                "after": {field: draft.fields[field] for field in changed},
            }
            happenings.append(Happening(f"{register.noun}.changed", actor, facts))
    record(happenings)


def _edited(register: Register, code: str, outcome: Outcome | Refusal, drafts: Mapping[str, _Draft]) -> Edited:
    if isinstance(outcome, Refusal):
        return Edited(code, Outcome.REFUSED, refusal=outcome)
    draft = drafts[code.strip()]
    if draft.id is None:
        return Edited(code, Outcome.REFUSED, refusal=AlreadyThere(thing=register.noun, name=code))
    version = draft.row.version + draft.changes if draft.row else 1
    return Edited(code, outcome, draft.id, version)


def _anything_goes(_code: str, _fields: Fields, _rows: Mapping[str, _Draft]) -> Refusal | None:
    return None


def _no_circle(code: str, fields: Fields, rows: Mapping[str, _Draft]) -> Refusal | None:
    """A category does not stand below itself; the walk up ends, for the tree had no circle before."""
    above = fields["parent"]
    while above is not None:
        if above == code:
            return CategoryCircle(category=code, parent=fields["parent"])
        above = rows[above].fields["parent"] if above in rows else None
    return None


def _own_numbers(code: str, fields: Fields, rows: Mapping[str, _Draft]) -> Refusal | None:
    """Channels with the same prefix count in the same series, or two orders would bear one number."""
    for other, draft in rows.items():
        same_prefix = draft.fields["number_prefix"] == fields["number_prefix"]
        if other != code and same_prefix and draft.fields["series"] != fields["series"]:
            return PrefixTaken(channel=other)
    return None
