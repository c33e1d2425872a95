"""Asking carriers: labels that are to be made, and to be void.

A question is written down in the transaction that packs, and put later with no transaction open.  It is leased before
it is put: its next turn is moved forward, further with every try, so whoever dies while asking delays it and loses
nothing.  One that was put before is looked up first, by its key: there are never two labels for one package.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from uuid_utils import uuid7

from orderwright.kernel import clock, sql
from orderwright.kernel.money import Money
from orderwright.kernel.ports import NotInstalled
from orderwright.shipping import carriers
from orderwright.shipping.ports import Answer, Consignment, Parcel, Party, Unknown

log = logging.getLogger(__name__)

FIRST_WAIT_SECONDS = 30
LONGEST_WAIT_SECONDS = 60  # somebody stands there with a package


class Wanted(NamedTuple):
    """A question that is to be written down."""

    package_id: int
    carrier: str
    verb: str  # label, void
    tracking_number: str = ""  # of the label that is to be void


class Due(NamedTuple):
    """An open question whose turn it is."""

    id: str  # the key that it is asked with
    carrier: str
    verb: str
    tracking_number: str
    consignment: Consignment
    tries: int  # how often it was put before


def write(wanted: Sequence[Wanted]) -> list[str]:
    """Write questions down about packages whose orders are locked; answers their ids."""
    if not wanted:
        return []
    now = clock.now().isoformat()
    ids = [str(uuid7()) for _ in wanted]
    sql.run(
        WRITE,
        [
            now,
            now,
            sql.texts(ids),
            sql.ints(one.package_id for one in wanted),
            sql.texts(one.carrier for one in wanted),
            sql.texts(one.verb for one in wanted),
            sql.texts(one.tracking_number for one in wanted),
        ],
    )
    return ids


def withdraw(package_ids: Collection[int]) -> None:
    """Take questions for labels back that nobody has put yet."""
    sql.run(WITHDRAW, [clock.now(), sql.ints(sorted(package_ids))])


def take(carrier: str, room: int) -> list[Due]:
    """Lease questions to `carrier` that are due, the longest waiting first, `room` at most; committed at once."""
    assert not connection.in_atomic_block
    now = clock.now()
    found = sql.rows(
        TAKE,
        {"carrier": carrier, "now": now, "room": room, "first": FIRST_WAIT_SECONDS, "longest": LONGEST_WAIT_SECONDS},
    )
    return [
        Due(str(id_), carrier, verb, number, _consignment(row, now.date()), tries - 1)
        for id_, verb, number, tries, *row in found
    ]


def put(due: Due) -> Answer:
    """Ask, with the question's id as the key: asking twice is the same as asking once."""
    assert not connection.in_atomic_block
    carrier = carriers.carrier(due.carrier)
    if due.verb == "void":
        return carrier.void(due.tracking_number, key=due.id)
    return carrier.label(due.consignment, key=due.id)


def ask_or_look_up(due: Due) -> Answer:
    """Ask a question that was never put; look up one that was, and ask again only if it never arrived.

    Calls the outside world and no database, so it may run in any thread.
    """
    try:
        carrier = carriers.carrier(due.carrier)
    except NotInstalled:
        log.warning("There is no carrier %s any more; the question %s waits.", due.carrier, due.id)
        return Unknown()
    if due.tries:
        found = carrier.look_up(key=due.id)
        if found is not None:
            return found
    return put(due)


def hasten(questions: Collection[str]) -> int:
    """Let open questions have their turn now; answers how many of these were open."""
    return sql.run(HASTEN, [clock.now(), sql.texts(questions)])


def _consignment(row: Sequence[Any], today: date) -> Consignment:
    package, weight, length, width, height, service, ship_on, currency, worth, sender, receiver = row
    return Consignment(
        sender=Party(*sender),
        receiver=Party(*receiver),
        parcel=Parcel(weight or 0, length, width, height),
        service=service or "",
        reference=package,
        ship_on=max(today, ship_on or today),
        worth=Money(worth, currency),
    )


WRITE = """
    INSERT INTO carrier_question (id, package_id, carrier, verb, tracking_number, asked_at, ask_again_at)
    SELECT id, package, carrier, verb, number, %s::timestamptz, %s::timestamptz
      FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::text[]) AS q(id, package, carrier, verb, number)
"""

WITHDRAW = """
    UPDATE carrier_question SET answer = 'withdrawn', answered_at = %s::timestamptz, ask_again_at = NULL
     WHERE package_id = ANY (%s::bigint[]) AND verb = 'label' AND ask_again_at IS NOT NULL AND tries = 0
"""

HASTEN = """
    UPDATE carrier_question SET ask_again_at = least(ask_again_at, %s::timestamptz)
     WHERE id = ANY (%s::uuid[]) AND ask_again_at IS NOT NULL
"""

# With all that a label says.  A part of a kit is worth its share of the kit's price, by the number of parts.
TAKE = """
    WITH due AS (
        SELECT id
          FROM carrier_question
         WHERE carrier = %(carrier)s::text AND ask_again_at <= %(now)s::timestamptz
         ORDER BY ask_again_at
         LIMIT %(room)s::bigint
           FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE carrier_question q
       SET tries = q.tries + 1,
           ask_again_at = %(now)s::timestamptz + make_interval(
               secs => least(%(longest)s::bigint, %(first)s::bigint * power(2, least(q.tries, 20))))
      FROM due
      JOIN carrier_question asked ON asked.id = due.id
      JOIN package p ON p.id = asked.package_id
      JOIN shipment s ON s.id = p.shipment_id
      JOIN orders o ON o.id = s.order_id
      JOIN customer u ON u.id = o.customer_id
      JOIN location l ON l.id = s.location_id
      LEFT JOIN delivery_option d ON d.id = s.option_id
      LEFT JOIN address a ON a.id = o.ship_to_id
     CROSS JOIN LATERAL (
           SELECT max(f.ship_on) AS ship_on,
                  coalesce(sum(CASE WHEN n.parent_id IS NULL THEN n.total_minor * c.quantity / n.quantity
                                    ELSE k.total_minor * c.quantity / n.quantity
                                         / (SELECT count(*) FROM order_line m WHERE m.parent_id = k.id) END), 0)::bigint
                      AS worth
             FROM package_content c
             JOIN fulfilment_line w ON w.id = c.fulfilment_line_id
             JOIN fulfilment_order f ON f.id = w.fulfilment_order_id
             JOIN order_line n ON n.id = c.line_id
             LEFT JOIN order_line k ON k.id = n.parent_id
            WHERE c.package_id = p.id) inside
     WHERE q.id = due.id
    RETURNING q.id, q.verb, q.tracking_number, q.tries, p.name, p.weight_grams, p.length_mm, p.width_mm, p.height_mm,
              d.carrier_service, inside.ship_on, o.currency, inside.worth,
              ARRAY[l.name, '', '', '', l.city, '', l.country],
              ARRAY[coalesce(a.name, u.name), coalesce(a.company, ''), coalesce(a.street, ''),
                    coalesce(a.postal_code, ''), coalesce(a.city, ''), coalesce(a.region, ''),
                    coalesce(a.country, ''), coalesce(nullif(a.phone, ''), u.phone), coalesce(u.email, '')]
"""
