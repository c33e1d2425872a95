"""/desk/stock/…: what one may do about the stock of a SKU.  Each form calls the function that the API calls."""

from urllib.parse import quote

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from orderwright.flows._each import Done
from orderwright.flows.reallocate_stock import Reallocate, reallocate_stock
from orderwright.inventory import adjusting, counting, expecting, receiving, setting, transferring
from orderwright.inventory.availability import SafetyRow
from orderwright.inventory.keeping_back import keep_back
from orderwright.inventory.naming import find_locations
from orderwright.inventory.units import Units
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.orders.locking import id_of
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import go, say
from orderwright.web.once import once
from orderwright.web.pages.stock import sku_named


@require_POST
@allow("stock:write")
@once
def receive(request: Visit, sku: str) -> HttpResponse:
    """Units came in from outside; of what was expected, where the form names that."""
    found, location = sku_named(sku), _location(request)
    quantity = reading.whole(request.POST, "quantity", least=1)
    units = Units(found.id, location, quantity, reading.id_or_none(request.POST, "expectation"))
    reason = reading.one_of(request.POST, "reason", receiving.REASONS)
    reference = reading.text(request.POST, "reference")
    receiving.receive([receiving.Receipt([units], reason, reference)], actor=request.actor)
    say(request, _("{quantity} of {sku} came in.").format(quantity=quantity, sku=sku))
    return _back(request, sku)


@require_POST
@allow("stock:write")
@once
def adjust(request: Visit, sku: str) -> HttpResponse:
    """So many units more or fewer, for a reason."""
    found, location = sku_named(sku), _location(request)
    reason = reading.one_of(request.POST, "reason", adjusting.REASONS)
    quantity = reading.whole(request.POST, "quantity", least=-reading.MOST_WHOLE)
    if not quantity:
        raise Invalid(field="quantity", problem=_("nothing would change"))
    if adjusting.REASONS[reason].more is None:
        quantity = -abs(quantity)  # whoever says that 2 were stolen means two fewer
    elif adjusting.REASONS[reason].less is None:
        quantity = abs(quantity)
    change = adjusting.Change(found.id, location, quantity)
    reference = reading.text(request.POST, "reference")
    adjusting.adjust([adjusting.Adjustment([change], reason, reference)], actor=request.actor)
    say(request, _("{sku} was adjusted by {quantity}.").format(sku=sku, quantity=f"{quantity:+d}"))
    return _back(request, sku)


@require_POST
@allow("stock:write")
def set_level(request: Visit, sku: str) -> HttpResponse:
    """Bring on-hand to a figure, if it is still what the form showed; else the person is told what it is by now."""
    found, location = sku_named(sku), _location(request)
    quantity = reading.whole(request.POST, "quantity")
    figure = setting.Figure(found.id, location, quantity, reading.whole(request.POST, "expecting"), "on_hand")
    asked = setting.Setting([figure], "correction", reading.text(request.POST, "reference"))
    try:
        (event,) = setting.set_levels([asked], actor=request.actor)
    except setting.StockChanged as changed:  # the page that follows shows what it is now, to decide anew
        say(request, _("{what} Look at it again.").format(what=changed), tone="bad")
        return _back(request, sku)
    say(request, _("On hand is {quantity} now.").format(quantity=quantity) if event else _("It was so many already."))
    return _back(request, sku)


@require_POST
@allow("stock:write")
@once
def transfer(request: Visit, sku: str) -> HttpResponse:
    """Send units to another location."""
    found = sku_named(sku)
    source, target = _location(request, "source"), _location(request, "target")
    lines = [(found.id, reading.whole(request.POST, "quantity", least=1))]
    on, reference = reading.day(request.POST, "expected_on"), reading.text(request.POST, "reference")
    (id_,) = transferring.send([transferring.Sending(source, target, lines, on, reference)], actor=request.actor)
    say(request, _("Transfer {id} is on its way.").format(id=id_))
    return _back(request, sku)


@require_POST
@allow("stock:write")
def count(request: Visit, sku: str) -> HttpResponse:
    """Begin to count one SKU at a location."""
    found, location = sku_named(sku), _location(request)
    id_ = counting.start(location, [found.id], reference=reading.text(request.POST, "reference"), actor=request.actor)
    return go(request, f"/desk/stock/-/counts/{id_}")


@require_POST
@allow("stock:write")
def keep(request: Visit, sku: str) -> HttpResponse:
    """Set safety stock: at a location, or of all together."""
    found = sku_named(sku)
    at = _location(request) if request.POST.get("location") else None
    quantity = reading.whole(request.POST, "quantity")
    keep_back([SafetyRow(found.id, at, None, quantity)], actor=request.actor)
    said = _("{quantity} of {sku} are kept back.") if quantity else _("Nothing of {sku} is kept back there any more.")
    say(request, said.format(quantity=quantity, sku=sku))
    return _back(request, sku)


@require_POST
@allow("stock:write")
@once
def expect(request: Visit, sku: str) -> HttpResponse:
    """Say what a supplier will bring, and when."""
    found, location = sku_named(sku), _location(request)
    quantity, on = reading.whole(request.POST, "quantity", least=1), reading.day(request.POST, "expected_on")
    line = expecting.Expected(found.id, location, quantity, on, reading.text(request.POST, "reference"))
    expecting.expect([line], actor=request.actor)
    say(request, _("{quantity} of {sku} are expected.").format(quantity=quantity, sku=sku))
    return _back(request, sku)


@require_POST
@allow("stock:write")
def expect_later(request: Visit, sku: str, expectation: int) -> HttpResponse:
    """Expect it on another day, or no more of it; one that is of another SKU is not to be found here."""
    if expecting.expectation(expectation).sku != sku:
        raise NotFound(thing=_("expectation"), name=expectation)
    if request.POST.get("do") == "close":
        expecting.close([expectation], actor=request.actor)
        say(request, _("No more of it is expected."))
    else:
        moved = expecting.move(expectation, reading.day(request.POST, "expected_on"), seen=None, actor=request.actor)
        say(request, _("It is expected on {day} now.").format(day=moved.expected_on.isoformat()))
    return _back(request, sku)


@require_POST
@allow("orders:write")
@once
def reallocate(request: Visit, sku: str) -> HttpResponse:
    """Give units that one order keeps to another that waits for them."""
    sku_named(sku)
    giver, taker = (reading.text(request.POST, name, needed=True) for name in ("from", "to"))
    quantity = reading.whole(request.POST, "quantity", least=1)
    asked = Reallocate(id_of(giver), id_of(taker), sku, quantity)
    (answer,) = reallocate_stock([asked], actor=request.actor)
    if isinstance(answer, Refusal):
        raise answer
    assert isinstance(answer, Done)
    said = _("{quantity} of {sku} are order {taker}'s now; order {giver} waits for them.")
    say(request, said.format(quantity=answer.units, sku=sku, taker=taker, giver=giver))
    return _back(request, sku)


def _location(request: Visit, name: str = "location") -> int:
    code = reading.text(request.POST, name, needed=True)
    return find_locations([code])[code]


def _back(request: Visit, sku: str) -> HttpResponse:
    return go(request, f"/desk/stock/{quote(sku, safe='')}")


PATHS = [
    path("desk/stock/<str:sku>/receive", receive),
    path("desk/stock/<str:sku>/adjust", adjust),
    path("desk/stock/<str:sku>/set", set_level),
    path("desk/stock/<str:sku>/transfer", transfer),
    path("desk/stock/<str:sku>/count", count),
    path("desk/stock/<str:sku>/safety", keep),
    path("desk/stock/<str:sku>/expect", expect),
    path("desk/stock/<str:sku>/expectations/<int:expectation>", expect_later),
    path("desk/stock/<str:sku>/reallocate", reallocate),
]
