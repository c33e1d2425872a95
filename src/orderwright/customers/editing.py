"""Editing customers: who they are and how they are reached."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orderwright.customers.checking import check_customer
from orderwright.customers.drafting import CustomerDraft
from orderwright.customers.forgetting import CustomerForgotten
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal, Stale
from orderwright.kernel.events import Happening, record

FIELDS = ("email", "name", "phone", "language")


class EmailTaken(Refusal):
    code = "email_taken"
    sentence = gettext_lazy("Another customer has this e-mail address.")


class Change(NamedTuple):
    customer_id: int
    fields: Mapping[str, str]  # of FIELDS; the others stay as they are
    seen: int | None = None  # the version that was looked at, where that matters


class _Row(NamedTuple):
    id: int
    version: int
    forgotten: bool
    draft: CustomerDraft


@transaction.atomic
def edit_customers(changes: Sequence[Change], *, actor: Actor) -> list[int | Refusal]:
    """Write each change or refuse it by itself; answers each customer's version after it.

    The number of statements does not depend on the number of changes.  At most one change for one customer.
    """
    assert len({change.customer_id for change in changes}) == len(changes)
    rows = {row[0]: _Row(*row[:3], CustomerDraft(*row[3:])) for row in _lock([one.customer_id for one in changes])}
    wanted = [change.fields["email"].strip().lower() for change in changes if change.fields.get("email")]
    owners = dict(sql.rows(OWNERS, [sql.texts(email for email in wanted if "\x00" not in email)]))
    answers: list[int | Refusal] = []
    written: dict[int, CustomerDraft] = {}
    for change in changes:
        try:
            draft = _decide(change, rows, owners)
        except Refusal as refusal:
            answers.append(refusal)
            continue
        row = rows[change.customer_id]
        if draft != row.draft:
            written[row.id] = draft
        answers.append(row.version + (row.id in written))
    _write(written)
    record(
        [
            Happening("customer.changed", actor, {"customer": id_, "fields": _changed(rows[id_].draft, draft)})
            for id_, draft in written.items()
        ]
    )
    return answers


def _decide(change: Change, rows: Mapping[int, _Row], owners: dict[str, int]) -> CustomerDraft:
    """The customer after the change; raises its refusal."""
    row = rows.get(change.customer_id)
    if row is None:
        raise NotFound(thing="customer", name=change.customer_id)
    if row.forgotten:
        raise CustomerForgotten(customer=row.id)
    if change.seen not in (None, row.version):
        raise Stale(thing=f"customer {row.id}", version=row.version)
    for field in change.fields:
        if field not in FIELDS:
            raise Invalid(field=field, problem=_("is not known here"))
    named = check_customer(CustomerDraft(**change.fields))  # what is not named may be of a time with other rules
    said = {field: getattr(named if field in change.fields else row.draft, field) for field in FIELDS}
    draft = CustomerDraft(**said)
    if draft.email and owners.setdefault(draft.email, row.id) != row.id:
        raise EmailTaken()
    return draft


def _changed(before: CustomerDraft, after: CustomerDraft) -> list[str]:
    return [field for field in FIELDS if getattr(before, field) != getattr(after, field)]


def _lock(customer_ids: Sequence[int]) -> list[tuple[int, int, bool, str, str, str, str, str]]:
    return sql.rows(LOCK, [sql.ints(sorted(customer_ids))])


def _write(written: Mapping[int, CustomerDraft]) -> None:
    if not written:
        return
    drafts = written.values()
    columns = [sql.texts(getattr(draft, field) for draft in drafts) for field in FIELDS]
    try:
        with transaction.atomic():
            sql.run(WRITE, [sql.ints(written), *columns])
    except IntegrityError as error:  # taken since it was looked up
        raise EmailTaken() from error


# The reference is no field of FIELDS: it is the channel's, and stays empty in drafts that are compared.
LOCK = """
    SELECT id, version, forgotten_at IS NOT NULL, coalesce(email, ''), '', name, phone, language
      FROM customer WHERE id = ANY (%s::bigint[]) ORDER BY id FOR UPDATE
"""

OWNERS = "SELECT email, id FROM customer WHERE email = ANY (%s::text[])"

WRITE = """
    UPDATE customer c
       SET email = nullif(w.email, ''), name = w.name, phone = w.phone, language = w.language, version = c.version + 1
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[]) AS w(id, email, name, phone, language)
     WHERE c.id = w.id
"""
