"""Hearing scans: what a carrier says of packages is kept once, told where it is news, and their units follow."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._collecting import collect
from orderwright.flows._following import follow
from orderwright.kernel import clock
from orderwright.kernel.actors import system
from orderwright.kernel.locks import again_on_conflict
from orderwright.orders.locking import lock_orders
from orderwright.shipping import hearing
from orderwright.shipping.ports import ScanTold

BATCH = 100


class Heard(NamedTuple):
    """What became of scans: news of packages that are known, news of others, which waits, and what was heard before."""

    matched: int
    waiting: int
    again: int


@transaction.atomic
def hear_scans(carrier: str, told: Sequence[ScanTold], *, told_by: str = "webhook") -> Heard:
    """Keep what `carrier` says (its signature was checked) and believe it, each message once.

    Scans may come in any order, twice, late, and wrong: where a package is, is a function of all of them.  What nobody
    here said has left leaves when its carrier has it.  The number of statements does not depend on how many there are.
    """
    scans = hearing.cleaned(told)
    if not scans:
        return Heard(0, 0, len(told))
    whose = hearing.whose(carrier, [one.tracking_number for one in scans])
    lock_orders([one.order_id for one in whose.values()])
    of = [whose[one.tracking_number].package_id if one.tracking_number in whose else None for one in scans]
    fresh = hearing.keep(carrier, scans, of, told_by=told_by, received_at=clock.now())
    matched = [one.package_id for one in fresh if one.package_id is not None]
    if matched:
        actor = system(f"carrier_{carrier}")
        follow(collect(matched, actor=actor), actor=actor)
    return Heard(len(matched), len(fresh) - len(matched), len(told) - len(fresh))


def hear_all(carrier: str, told: Sequence[ScanTold], *, told_by: str) -> Heard:
    """Hear any number of scans, a hundred a transaction."""
    heard = [Heard(0, 0, 0)]
    for start in range(0, len(told), BATCH):
        some = told[start : start + BATCH]
        heard.append(again_on_conflict(lambda some=some: hear_scans(carrier, some, told_by=told_by)))  # type: ignore[misc]
    return Heard(*map(sum, zip(*heard, strict=True)))


def match_scans(limit: int = 500) -> int:
    """Give packages the scans that came in the very moment that their number did; answers how many packages."""
    return again_on_conflict(lambda: _match(limit))


@transaction.atomic
def _match(limit: int) -> int:
    found = hearing.overtaken(limit)
    if not found:
        return 0
    lock_orders([one.order_id for one in found])
    adopted = hearing.adopt([one.package_id for one in found])
    follow(collect(adopted, actor=system("carriers")), actor=system("carriers"))
    return len(adopted)
