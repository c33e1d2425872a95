"""Finding: one table of all kinds of exceptions, and where each is told of."""

from django.utils.translation import gettext_lazy as _

from orderwright.exceptions import _books, _messages, _money, _orders, _parcels, _work
from orderwright.exceptions.kinds import Kind
from orderwright.kernel.errors import NotFound

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        *_orders.KINDS,
        *_work.KINDS,
        *_parcels.KINDS,
        *_money.KINDS,
        *_messages.KINDS,
        *_books.KINDS,
    )
}


def kind_named(code: str) -> Kind:
    """The kind with this code; raises `NotFound`."""
    if code not in KINDS:
        raise NotFound(thing=_("kind of exception"), name=code)
    return KINDS[code]
