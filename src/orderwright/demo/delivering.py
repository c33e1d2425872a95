"""How the demo shop delivers: its delivery options and its places' terms, and what parcels go through on their way."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import time
from itertools import count

from orderwright.demo.building import ACTOR
from orderwright.flows.accept_fulfilment import Accept, accept_fulfilment
from orderwright.flows.confirm_shipments import Send, confirm_shipments
from orderwright.flows.note_scans import Note, note_scans
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.fulfilment.agreeing import Agreement, set_terms
from orderwright.kernel import clock, sql
from orderwright.kernel.errors import Refusal
from orderwright.orders.moving import Wanted
from orderwright.shipping import carriers
from orderwright.shipping.options import Way, create_option
from orderwright.shipping.packing import Box
from orderwright.shipping.stages import Stage
from orderwright.webhooks.editing import Wish, create_webhook

EUROPE = ("AT", "BE", "CH", "DE", "DK", "ES", "FR", "GB", "IT", "NL", "PL", "SE")
COURIER = "Schwalbe"  # who brought parcels before the shop had an account with a carrier
KINDS = ("order.*", "package.*", "promise.*", "exception.*")
NUMBERS = count(700_100)


def offer() -> None:
    """Set the delivery options up: three zones, and two ways in and around Hamburg.

    With the fake carrier, where the shop has an account with it: what a parcel around the world costs, it is asked.
    """
    carrier = "fake" if "fake" in carriers.codes() else ""

    def way(name: str, service: str, least: int, most: int, rank: int, countries: Sequence[str] = ()) -> Way:
        return Way(
            name=name,
            carrier=carrier,
            carrier_service=service,
            countries=countries,
            days_least=least,
            days_most=most,
            rank=rank,
        )

    def sold(one: Way, price_minor: int, free_from_minor: int | None = None) -> Way:
        return replace(one, price_minor=price_minor, currency="EUR", free_from_minor=free_from_minor)

    create_option("STANDARD", sold(way("Standard parcel", "standard", 1, 3, 10, ["DE"]), 490, 6000), actor=ACTOR)
    create_option("EUROPE", sold(way("Parcel within Europe", "standard", 2, 5, 12, EUROPE), 990, 12000), actor=ACTOR)
    create_option("EXPRESS", sold(way("Express by noon", "express", 1, 1, 20, EUROPE), 1490), actor=ACTOR)
    create_option("PICKUP", sold(way("To a parcel shop", "economy", 2, 4, 30, ["DE"]), 390), actor=ACTOR)
    world = way("International parcel", "standard", 5, 10, 40)
    create_option("WORLD", world if carrier else sold(world, 2490), actor=ACTOR)
    soon = Way(name="Courier this evening", countries=["DE"], days_least=0, days_most=0, rank=50)
    create_option("TODAY", sold(replace(soon, kind="same_day", cut_off=time(13)), 1290), actor=ACTOR)
    fetch = replace(soon, name="Collect in Hamburg", kind="pickup", pickup_at="hamburg", rank=60)
    create_option("FETCH", fetch, actor=ACTOR)


def agree() -> None:
    """Hamburg rests on Sundays; Lyon is asked, and does so many orders a day; Leeds rests at weekends."""
    set_terms("hamburg", Agreement(weekdays=(1, 2, 3, 4, 5, 6)), seen=None, actor=ACTOR)
    set_terms("lyon", Agreement(accepting="asked", orders_per_day=12, handling_days=1), seen=None, actor=ACTOR)
    set_terms("leeds", Agreement(cut_off=time(12), weekdays=(1, 2, 3, 4, 5)), seen=None, actor=ACTOR)


def tell_of_webhooks() -> None:
    """Tell the receiver beside the demo shop what happens from now on, where there is one."""
    hooks = os.environ.get("ORDERWRIGHT_DEMO_HOOKS")
    if hooks:
        create_webhook(Wish(url=f"{hooks}/shop", kinds=KINDS, description="To try: shows what it gets"), actor=ACTOR)


def answer(order_ids: Sequence[int]) -> None:
    """Places that were asked accept what they are asked to do of these orders."""
    offered = [name for (name,) in sql.rows(OFFERED, [sql.ints(order_ids)])]
    done(accept_fulfilment([Accept(name) for name in offered], actor=ACTOR))


def pack(order_ids: Sequence[int]) -> None:
    """Pack what places have accepted; where a carrier makes the labels, they are asked for."""
    done(prepare_shipments([Prepare(name) for _order, name in _accepted(order_ids)], actor=ACTOR))


def ship(order_ids: Sequence[int]) -> None:
    """Hand over what places have accepted, in a parcel each, under a number of the courier's."""
    done(confirm_shipments([Send(name, [_parcel()]) for _order, name in _accepted(order_ids)], actor=ACTOR))


def ship_some(order_ids: Sequence[int]) -> None:
    """Hand one unit of the first line over; the rest stays in work."""
    first = dict(reversed(_accepted(order_ids, position=1)))
    sends = [Send(name, [_parcel()._replace(wanted=[Wanted(1, 1)])]) for name in first.values()]
    done(confirm_shipments(sends, actor=ACTOR))


def tell(order_ids: Sequence[int], stage: Stage, place: str = "", words: str = "") -> None:
    """Somebody says of all parcels of these orders that are under way where they are."""
    names = [name for (name,) in sql.rows(UNDER_WAY, [sql.ints(order_ids)])]
    zone = "Europe/Berlin"
    done(note_scans([Note(name, stage, clock.now(), place, zone, words) for name in names], actor=ACTOR))


def done(answers: Iterable[object]) -> None:
    """Nothing that the demo does is refused: if it is, the shop has changed and the demo must too."""
    for answer in answers:
        if isinstance(answer, Refusal):
            raise answer


def _parcel() -> Box:
    number = f"SW{next(NUMBERS)}"
    return Box(carrier=COURIER, tracking_number=number, tracking_url=f"https://schwalbe.example/{number}")


def _accepted(order_ids: Sequence[int], position: int | None = None) -> list[tuple[int, str]]:
    """The fulfilment orders of these orders that a place works on; only those with the line at `position`, if given."""
    return [(order_id, name) for order_id, name in sql.rows(ACCEPTED, [sql.ints(order_ids), position])]


OFFERED = """
    SELECT name FROM fulfilment_order
     WHERE order_id = ANY (%s::bigint[]) AND state = 'offered' AND closed_at IS NULL
     ORDER BY id
"""

ACCEPTED = """
    SELECT f.order_id, f.name
      FROM fulfilment_order f
     WHERE f.order_id = ANY (%s::bigint[]) AND f.state = 'accepted'
       AND EXISTS (SELECT FROM fulfilment_line l
                     JOIN work_sheet w ON w.holder_id = l.id AND w.open > 0
                     JOIN order_line o ON o.id = l.line_id
                     LEFT JOIN order_line k ON k.id = o.parent_id
                    WHERE l.fulfilment_order_id = f.id
                      AND coalesce(k.position, o.position) = coalesce(%s::int, coalesce(k.position, o.position)))
     ORDER BY f.id
"""

UNDER_WAY = """
    SELECT p.name
      FROM package p
      JOIN shipment s ON s.id = p.shipment_id AND s.state = 'shipped'
     WHERE s.order_id = ANY (%s::bigint[]) AND p.settled = ''
     ORDER BY p.id
"""
