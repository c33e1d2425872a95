"""Promising: each line of an order gets the day on which it leaves and the day on which it arrives, with the reason."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from django.db import transaction

from orderwright.flows._promising import Known, know, parts_of
from orderwright.kernel import actors, clock
from orderwright.kernel.events import Happening, record
from orderwright.orders.locking import Locked, lock_orders
from orderwright.orders.units import LineUnits, OrderUnits, units_of
from orderwright.promises import ledger
from orderwright.promises.dating import Dated, promise
from orderwright.promises.ledger import New, Stands
from orderwright.promises.models import Reason
from orderwright.promises.renewing import renew

ACTOR = actors.system("promises")
NOTHING_PROMISED_AFTER = timedelta(days=30)  # of orders that come in when all is long over
NOBODY_SAYS: Mapping[int, str] = {}
UNDER_WAY = ("open", "backordered", "reserved", "released", "shipped", "lost")


@transaction.atomic
def promise_orders(order_ids: Collection[int], *, why: Mapping[int, str] = NOBODY_SAYS) -> int:
    """Promise what may be promised of these orders now; answers how many promises are new.

    `why` is the word for what changed an order's days, by order.  A promise that stands changes only where its days
    do.  What has come is compared with what was promised.  The number of statements depends neither on the orders nor
    on their lines.
    """
    if not order_ids:
        return 0
    now, locked, units = clock.now(), lock_orders(order_ids), units_of(order_ids)
    stands, known = ledger.standing(order_ids), know(units, now)
    promised = {one.order_id for one in stands.values()}
    young = now - NOTHING_PROMISED_AFTER
    meant = [order for id_, order in units.items() if id_ in promised or known.orders[id_].placed_at > young]
    new = [one for order in meant for one in _promises(order, stands, known)]
    ledger.write(new, _ended(units, stands), now)
    came = _came(units, stands, known)
    ledger.settle(came)
    record([*_told(new, locked, why), *_outcomes(units, stands, came, locked)])
    return len(new)


def _promises(order: OrderUnits, stands: Mapping[int, Stands], known: Known) -> list[New]:
    """What is promised anew of an order's lines: those that a customer sees, kits whole."""
    found, country = [], known.orders[order.order_id].country
    option = known.option_for(order.order_id)
    for line, leaves in _whole(order):
        before = stands.get(line.id)
        parts = [part for leaf in leaves for part in parts_of(leaf, before, known)]
        if not parts:
            continue
        dated = _renewed(promise(parts, option.days_most if option else None), before, known)
        if before is None or (before.ship_on, before.deliver_on) != (dated.ship_on, dated.deliver_on):
            code = option.code if option else ""
            found.append(New(order.order_id, line.id, line.position, line.sku, dated, code, country, before))
    return found


def _renewed(dated: Dated, before: Stands | None, known: Known) -> Dated:
    """What is promised anew with nothing new known is not promised for each day."""
    places = known.places
    left = None if dated.reason == Reason.ON_ITS_WAY else before.location if before else dated.location
    return renew(dated, before, places.today(left), lambda day: places.working(dated.location, day))


def _whole(order: OrderUnits) -> Iterator[tuple[LineUnits, list[LineUnits]]]:
    """The lines that a customer sees, each with those that have its units."""
    return ((line, order.parts_of(line)) for line in order.lines if line.parent_id is None)


def _open(units: Mapping[int, OrderUnits], stands: Mapping[int, Stands]) -> Iterator[tuple[Stands, list[LineUnits]]]:
    """The promises that are neither kept nor missed yet though nothing of their lines is under way any more."""
    for order in units.values():
        for line, leaves in _whole(order):
            one = stands.get(line.id)
            if one and one.came_on is None and not any(leaf.count(*UNDER_WAY) for leaf in leaves):
                yield one, leaves


def _ended(units: Mapping[int, OrderUnits], stands: Mapping[int, Stands]) -> list[int]:
    """Promises of lines that were canceled, or came back, before anything of them arrived."""
    return [one.id for one, leaves in _open(units, stands) if not any(leaf.count("delivered") for leaf in leaves)]


def _came(units: Mapping[int, OrderUnits], stands: Mapping[int, Stands], known: Known) -> dict[int, date]:
    """Lines whose last unit arrived, and the day: that is when their promise is kept or missed."""
    return {
        one.line_id: max(known.came_on[leaf.id] for leaf in leaves if leaf.id in known.came_on)
        for one, leaves in _open(units, stands)
        if any(leaf.count("delivered") for leaf in leaves)
    }


def _told(new: Sequence[New], locked: Mapping[int, Locked], why: Mapping[int, str]) -> list[Happening]:
    """One event an order for what is promised first, and one for what changed."""
    told = []
    by_order: dict[tuple[int, bool], list[New]] = {}
    for one in new:
        by_order.setdefault((one.order_id, one.before is not None), []).append(one)
    for (order_id, again), some in by_order.items():
        facts: dict[str, object] = {"number": locked[order_id].number, "lines": [one.facts() for one in some]}
        if again:
            facts |= {"later": any(one.later for one in some), "why": why.get(order_id, "")}
        told.append(Happening("promise.changed" if again else "promise.made", ACTOR, facts, order_id))
    return told


def _outcomes(
    units: Mapping[int, OrderUnits],
    stands: Mapping[int, Stands],
    came: Mapping[int, date],
    locked: Mapping[int, Locked],
) -> list[Happening]:
    """Of orders whose last promised line came now: whether all was there by the day that was promised first."""
    told = []
    for order_id, order in units.items():
        lines = [line for line, _leaves in _whole(order) if line.id in stands]
        if order.count(*UNDER_WAY) or not any(line.id in came for line in lines):
            continue
        done = [(stands[line.id].first_deliver_on, came.get(line.id) or stands[line.id].came_on) for line in lines]
        judged = [(first, day) for first, day in done if first and day]
        if not judged:
            continue
        days_late = max((day - first).days for first, day in judged)
        facts = {
            "number": locked[order_id].number,
            "promised": max(first for first, _day in judged).isoformat(),
            "came": max(day for _first, day in judged).isoformat(),
            "days_late": days_late,
        }
        told.append(Happening("promise.kept" if days_late <= 0 else "promise.missed", ACTOR, facts, order_id))
    return told
