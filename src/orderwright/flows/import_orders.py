"""Importing orders: what was sold elsewhere is taken over, with SKUs that the catalog does not know yet."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from orderwright.catalog.adopting import adopt_skus
from orderwright.flows.place_orders import Outcome, Request, place_orders
from orderwright.kernel.actors import Actor
from orderwright.orders.drafting import Draft


@transaction.atomic
def import_orders(drafts: Sequence[Draft], names: Mapping[str, str], *, actor: Actor) -> list[Outcome]:
    """Place `drafts`, each by itself; SKUs that are missing are made under these `names` first."""
    if not drafts:
        return []
    adopt_skus({line.sku: names.get(line.sku, line.name) for draft in drafts for line in draft.lines}, actor=actor)
    return place_orders([Request(draft, actor, sold_elsewhere=True) for draft in drafts])
