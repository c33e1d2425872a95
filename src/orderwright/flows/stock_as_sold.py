"""Stocking as sold: units are received that were sold elsewhere, so that a past can be replayed and shipped."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from orderwright.catalog.adopting import adopt_skus
from orderwright.catalog.selling import for_sale
from orderwright.inventory.naming import find_locations
from orderwright.inventory.receiving import Receipt, receive
from orderwright.inventory.units import Units
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor


@transaction.atomic
def stock_as_sold(
    quantities: Mapping[str, int],
    names: Mapping[str, str],
    *,
    location: str,
    reference: str,
    at: datetime,
    actor: Actor,
) -> None:
    """Receive so many units of each SKU (code) at `location`, and of the parts of each kit.

    SKUs that are missing are made under these `names`.
    """
    adopt_skus({code: names.get(code, "") for code in quantities}, actor=actor)
    place = find_locations([location])[location]
    units: Counter[int] = Counter()
    for code, sku in sql.ask(for_sale(quantities)).items():
        for part_id, each in [(part.sku_id, part.quantity) for part in sku.parts] or [(sku.id, 1)]:
            units[part_id] += each * quantities[code]
    lines = [Units(sku_id, place, quantity) for sku_id, quantity in sorted(units.items())]
    if lines:
        receive([Receipt(lines, "opening", reference, at)], actor=actor)
