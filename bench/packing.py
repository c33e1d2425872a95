"""Packs all that is released in the bench's shop, under numbers of the fake carrier: `python -m bench.packing`."""

from orderwright.runtime.django_setup import wake_django

AT_ONCE = 100


def pack() -> None:
    """Prepare a shipment with one package of each fulfilment order."""
    from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
    from orderwright.kernel import actors, sql
    from orderwright.shipping.packing import Box

    names = [name for (name,) in sql.rows("SELECT name FROM fulfilment_order WHERE closed_at IS NULL ORDER BY id")]
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        requests = [Prepare(name, [Box(weight_grams=500, carrier="fake", tracking_number=f"B{name}")]) for name in some]
        prepare_shipments(requests, actor=actors.system("bench"))


if __name__ == "__main__":
    wake_django()
    pack()
