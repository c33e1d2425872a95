"""Telling others of events: each as a document that names its order by the number that the world knows."""

from collections.abc import Sequence
from typing import Any

from orderwright.kernel.feed import Told
from orderwright.orders.models import Order


def described(told: Sequence[Told]) -> list[dict[str, Any]]:
    """Events as the API, its streams and webhooks tell them."""
    ids = {event.order_id for event in told if event.order_id is not None}
    numbers = dict(Order.objects.filter(id__in=ids).values_list("id", "number")) if ids else {}
    return [
        {
            "id": event.id,
            "cursor": event.cursor,
            "kind": event.kind,
            "version": event.version,
            "order": numbers.get(event.order_id) if event.order_id is not None else None,
            "place_in_order": event.place_in_order,
            "actor": event.actor,
            "facts": event.facts,
            "at": event.at,
            "recorded_at": event.recorded_at,
        }
        for event in told
    ]
