"""Keeping customers and addresses: the one that was here before, or a new row; any number of them at once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from orderwright.customers.drafting import AddressDraft, CustomerDraft
from orderwright.kernel import sql
from orderwright.kernel.sql import Question

ROUNDS = 10


class Known(NamedTuple):
    """Ids of customers by what names them."""

    by_email: dict[str, int]
    by_reference: dict[str, int]


class Person(NamedTuple):
    """A draft and what names it: an e-mail address, else "channel:reference", else nothing."""

    email: str | None
    reference: str | None
    draft: CustomerDraft

    def place_in(self, known: Known) -> int | None:
        """The id of the customer that this person is; None where there is none yet."""
        if self.email:
            return known.by_email.get(self.email)
        return known.by_reference.get(self.reference) if self.reference else None


def known_customers(people: Sequence[tuple[str, CustomerDraft]]) -> Question[Known]:
    """Which of these people were here before: a question for `keep_customers`, to be asked beside others."""
    return _find([_person(channel, draft) for channel, draft in people])


def still_known(known: Known) -> Question[Known]:
    """Those of `known` who were not forgotten meanwhile, and will not be until the transaction ends."""
    ids = {*known.by_email.values(), *known.by_reference.values()}

    def read(rows: list[tuple[int]]) -> Known:
        here = {customer_id for (customer_id,) in rows}
        return Known(
            {email: one for email, one in known.by_email.items() if one in here},
            {reference: one for reference, one in known.by_reference.items() if one in here},
        )

    return Question(LOCK_KNOWN, [sql.ints(sorted(ids))], read)


def keep_customers(people: Sequence[tuple[str, CustomerDraft]], known: Known | None = None) -> list[int]:
    """Find or make a customer for each (channel code, draft); the answer is in the same order.

    An e-mail address decides where there is one, in lower case; else the channel's reference; a draft with neither
    is always a new customer.  What is known of a customer stays as it is.  One statement where all were here
    before (none where that is `known` already), two where some are new, two more where another transaction made the
    same customer meanwhile; it may wait for that transaction, whose locks on stock are all behind it then.
    """
    persons = [_person(channel, draft) for channel, draft in people]
    known = sql.ask(_find(persons)) if known is None else known
    places = [person.place_in(known) for person in persons]
    for _round in range(ROUNDS):
        missing = [position for position, place in enumerate(places) if place is None]
        if not missing:
            return [place for place in places if place is not None]
        nameless = [position for position in missing if not persons[position].email and not persons[position].reference]
        made, ids = _write([persons[position] for position in missing], known)
        for position, place in zip(nameless, ids, strict=True):
            places[position] = place
        for position in missing:
            places[position] = places[position] or persons[position].place_in(made)
        if None in places:
            known = sql.ask(_find([person for person, place in zip(persons, places, strict=True) if place is None]))
            places = [place or person.place_in(known) for person, place in zip(persons, places, strict=True)]
    raise AssertionError("customers appear and vanish")


def keep_addresses(rows: Sequence[tuple[int, AddressDraft]]) -> list[int]:
    """Write an address down for each (customer, draft); one statement; ids in the same order."""
    if not rows:
        return []
    drafts = [draft for _customer, draft in rows]
    written = sql.rows(
        WRITE_ADDRESSES,
        [
            sql.ints([customer for customer, _draft in rows]),
            sql.texts([draft.name for draft in drafts]),
            sql.texts([draft.company for draft in drafts]),
            sql.texts([draft.street for draft in drafts]),
            sql.texts([draft.postal_code for draft in drafts]),
            sql.texts([draft.city for draft in drafts]),
            sql.texts([draft.region for draft in drafts]),
            sql.texts([draft.country for draft in drafts]),
            sql.texts([draft.phone for draft in drafts]),
            _floats([draft.latitude for draft in drafts]),
            _floats([draft.longitude for draft in drafts]),
        ],
    )
    return sorted(row[0] for row in written)


# Ids are given out after the sort, so they rise as the rows do, whatever order they are returned in.
WRITE_ADDRESSES = """
    INSERT INTO address (customer_id, name, company, street, postal_code, city, region, country, phone,
                         latitude, longitude)
    SELECT customer, name, company, street, postal_code, city, region, country, phone, latitude, longitude
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
                  %s::text[], %s::float8[], %s::float8[])
           WITH ORDINALITY AS a(customer, name, company, street, postal_code, city, region, country, phone,
                                latitude, longitude, ordinal)
     ORDER BY ordinal
    RETURNING id
"""


def _person(channel: str, draft: CustomerDraft) -> Person:
    email = draft.email.strip().lower()
    return Person(email or None, f"{channel}:{draft.reference}" if draft.reference else None, draft)


def _find(persons: Iterable[Person]) -> Question[Known]:
    """The customers that these e-mail addresses and references name."""
    persons = list(persons)
    emails = sorted({person.email for person in persons if person.email})
    references = sorted({person.reference for person in persons if person.reference})
    return Question(
        FIND,
        [sql.texts(emails), sql.texts(references)],
        lambda rows: Known({row[1]: row[0] for row in rows if row[1]}, {row[2]: row[0] for row in rows if row[2]}),
    )


FIND = """
    SELECT id, email, reference FROM customer WHERE email = ANY (%s::text[]) OR reference = ANY (%s::text[])
"""


# As a foreign key does it, but before anything of theirs is written: forgetting them waits, or has been.
LOCK_KNOWN = """
    SELECT id FROM customer WHERE id = ANY (%s::bigint[]) AND forgotten_at IS NULL ORDER BY id FOR KEY SHARE
"""


def _write(persons: Sequence[Person], known: Known) -> tuple[Known, list[int]]:
    """Write new customers, each once.  Answers those that were written by name, and the nameless in their order.

    Sorted by name, so that two transactions that write the same people wait for each other and do not deadlock.
    """
    named: dict[str, tuple[str | None, str | None, CustomerDraft]] = {}
    nameless = []
    references = set(known.by_reference)
    for email, reference, draft in persons:
        if not email and not reference:
            nameless.append((None, None, draft))
            continue
        own = reference if reference not in references else None  # someone with another address has it
        if (email or f" {reference}") not in named:
            named[email or f" {reference}"] = (email, own, draft)
            references.add(own or "")
    rows = [named[name] for name in sorted(named)] + nameless
    written = sql.rows(
        WRITE_CUSTOMERS,
        [
            sql.texts([email for email, _reference, _draft in rows]),
            sql.texts([reference for _email, reference, _draft in rows]),
            sql.texts([draft.name for _email, _reference, draft in rows]),
            sql.texts([draft.phone for _email, _reference, draft in rows]),
            sql.texts([draft.language for _email, _reference, draft in rows]),
        ],
    )
    by_email = {row[1]: row[0] for row in written if row[1]}
    by_reference = {row[2]: row[0] for row in written if row[2]}
    return Known(by_email, by_reference), sorted(row[0] for row in written if not row[1] and not row[2])


WRITE_CUSTOMERS = """
    INSERT INTO customer (email, reference, name, phone, language)
    SELECT email, reference, name, phone, language
      FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
           WITH ORDINALITY AS c(email, reference, name, phone, language, ordinal)
     ORDER BY ordinal
        ON CONFLICT DO NOTHING
    RETURNING id, email, reference
"""


def _floats(numbers: Iterable[float | None]) -> str:
    return "{" + ",".join(["NULL" if number is None else repr(number) for number in numbers]) + "}"
