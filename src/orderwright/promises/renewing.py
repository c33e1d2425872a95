"""Renewing: a promise that was not kept, and of which nothing new is known, is renewed for longer each time.  Pure.

An order that nobody packs could leave today, on every day.  To say so daily would be a letter a day: so what is over
is promised one day later than it could be, then three, then six, and stands until that is over.
"""

from collections.abc import Callable
from datetime import date, timedelta

from orderwright.promises.dating import Dated
from orderwright.promises.ledger import Stands
from orderwright.promises.models import Reason

STEPS = (1, 2, 4, 7, 14, 30)  # days for which a renewed promise stands, were it to be kept at once; the last for ever
UNSURE = frozenset({Reason.IN_STOCK, Reason.LEAD_TIME, Reason.ON_ITS_WAY})  # each day moves their days by one


def renew(dated: Dated, before: Stands | None, today: date, works: Callable[[date], date]) -> Dated:
    """What is promised, seen what was promised before; `works` is the next day, from one on, on which goods leave."""
    if before is None or before.reason != dated.reason:
        again, over = 0, before is not None and _over(before, dated.reason, today)
    else:
        again, over = before.renewed, _over(before, dated.reason, today)
    unsure = dated.overdue or dated.reason in UNSURE
    if over and unsure:
        return _later(dated, STEPS[min(again, len(STEPS) - 1)] - 1, works)._replace(renewed=again + 1)
    if before and unsure and _stands(before, dated, again):
        return dated._replace(ship_on=before.ship_on, deliver_on=before.deliver_on, renewed=again)
    return dated._replace(renewed=1 if dated.overdue else 0)


def _over(before: Stands, reason: Reason, today: date) -> bool:
    day = before.deliver_on if reason == Reason.ON_ITS_WAY else before.ship_on
    return day is not None and day < today


def _stands(before: Stands, dated: Dated, again: int) -> bool:
    """A renewed promise stands until it is over, and so does one of what has to be ordered."""
    return before.reason == dated.reason and (again > 0 or dated.reason == Reason.LEAD_TIME)


def _later(dated: Dated, days: int, works: Callable[[date], date]) -> Dated:
    more = timedelta(days=days)
    if dated.reason == Reason.ON_ITS_WAY:
        return dated._replace(deliver_on=dated.deliver_on + more if dated.deliver_on else None)
    if dated.ship_on is None:
        return dated
    ship_on = works(dated.ship_on + more) if days else dated.ship_on
    deliver_on = dated.deliver_on + (ship_on - dated.ship_on) if dated.deliver_on else None
    return dated._replace(ship_on=ship_on, deliver_on=deliver_on)
