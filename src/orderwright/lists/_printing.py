"""Printing packing slips of many orders: what they say is gathered batch by batch, and becomes one document."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec

from orderwright.lists.models import Run, RunPart
from orderwright.lists.refusals import NothingPacked
from orderwright.shipping.documents import packed_for, printed, slips

DOCUMENT = 0  # the place of the part that is the document; what slips say stands behind it, until it is set


def gather(run: Run, place: int, orders: Sequence[int]) -> list[int | NothingPacked]:
    """Keep what the slips of these orders say; an order of which nothing is packed is refused."""
    packed = packed_for(orders)
    names = list(chain.from_iterable(packed[order] for order in orders if order in packed))
    told = slips(names) if names else {}
    if told:
        content = msgspec.json.encode([told[name] for name in names if name in told])
        RunPart.objects.create(run=run, place=place, content=content)
    return [order if order in packed else NothingPacked() for order in orders]


def make(run: Run) -> None:
    """One PDF of all that was gathered, instead of its parts."""
    told: list[dict[str, Any]] = []
    for part in run.parts.order_by("place"):
        told += msgspec.json.decode(bytes(part.content))
    if told:
        run.parts.all().delete()
        RunPart.objects.create(run=run, place=DOCUMENT, content=printed(told))
