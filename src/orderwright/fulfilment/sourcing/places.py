"""The locations that may be sources, and where a customer is."""

from orderwright.customers.drafting import AddressDraft
from orderwright.customers.geography import coordinates
from orderwright.fulfilment.sourcing.sorters import Destination, Place
from orderwright.kernel.sql import Question

UNKNOWN = Destination("", None, None)


def places() -> Question[list[Place]]:
    """All locations that sell."""
    return Question(PLACES, (), lambda rows: [Place(*row) for row in rows])


def destination(address: AddressDraft | None) -> Destination:
    """Where an address is: its own coordinates, or those of its country, or nobody knows."""
    if address is None:
        return UNKNOWN
    if address.latitude is not None and address.longitude is not None:
        return Destination(address.country, address.latitude, address.longitude)
    latitude, longitude = coordinates(address.country) or (None, None)
    return Destination(address.country, latitude, longitude)


PLACES = "SELECT id, code, rank, country, latitude, longitude FROM location WHERE active ORDER BY id"
