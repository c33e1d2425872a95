"""/desk/customers: finding somebody; all about one; forgetting them; and what is stored of them, for themselves."""

from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orderwright.channels.forgetting import forget_people
from orderwright.credits.queries import credits_of
from orderwright.customers import queries
from orderwright.kernel.errors import Invalid
from orderwright.lists import customers as found_people
from orderwright.lists import searching
from orderwright.lists.asking import Question
from orderwright.notifications.forgetting import erase_letters
from orderwright.notifications.kinds import KINDS
from orderwright.notifications.queries import Filters, LetterSeen, letters
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import go, is_part, page, part, say
from orderwright.web.reading import id_or_none

HERE = "/desk/customers"
ROWS = 50
ORDERS, LETTERS, NOTES = 20, 10, 10


@require_safe
@allow("customers:read")
def customers(request: Visit) -> HttpResponse:
    """Customers, the newest first."""
    search = request.GET.get("q", "").strip()[:200]
    before = id_or_none(request.GET, "before")
    found = found_people.found(search, before=before, limit=ROWS + 1)
    words = {
        "rows": found[:ROWS],
        "q": search,
        "before": before,
        "older": found[ROWS - 1].id if len(found) > ROWS else None,
    }
    if is_part(request):
        return part(request, "customers/_rows.html", words)
    return page(request, "customers/list.html", words)


@require_safe
@allow("customers:read")
def customer(request: Visit, customer_id: int) -> HttpResponse:
    """All about a customer: orders, money, credit, letters, addresses, notes."""
    found = queries.customer(customer_id)
    orders = searching.search(Question(customer=customer_id), limit=ORDERS)
    money = found_people.money(customer_id)
    words = {
        "customer": found,
        "customer_id": customer_id,
        "name": found.name or found.email or _("Customer {id}").format(id=customer_id),
        "orders": orders.rows,
        "more_orders": orders.older is not None,
        "money": money,
        "currency": money[0].currency if money else "",
        "credits": credits_of([customer_id]).get(customer_id, []),
        "letters": _letters(customer_id) if "letters:read" in request.may else [],
        "addresses": queries.addresses(customer_id)[-NOTES:],
        "notes": found_people.notes(customer_id, NOTES),
    }
    return page(request, "customers/one.html", words)


def _letters(customer_id: int) -> list[tuple[LetterSeen, str | Promise]]:
    """The newest letters, each by its subject, or by what it is where it has none."""
    found = letters(Filters(customer=customer_id), before=None, limit=LETTERS)
    return [(one, one.subject or (KINDS[one.kind].name if one.kind in KINDS else one.kind)) for one in found]


@require_POST
@allow("customers:write")
def forget(request: Visit, customer_id: int) -> HttpResponse:
    """Erase for ever who somebody is; the word must be typed, for nothing brings it back."""
    if reading.text(request.POST, "word").casefold() != _("forget").casefold():
        raise Invalid(field="word", problem=_("type “forget” to confirm"))
    forget_people([customer_id], actor=request.actor)
    erase_letters([customer_id])
    say(request, _("The customer is forgotten. Orders and amounts stay."))
    return go(request, f"{HERE}/{customer_id}")


@require_POST
@allow("customers:write")
def export(request: Visit, customer_id: int) -> HttpResponse:
    """All that is stored about a person, from every room, as JSON: for the person."""
    answer = JsonResponse(found_people.export_person(customer_id, actor=request.actor), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="customer-{customer_id}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


PATHS = [
    path("desk/customers", customers),
    path("desk/customers/<int:customer_id>", customer),
    path("desk/customers/<int:customer_id>/forget", forget),
    path("desk/customers/<int:customer_id>/export", export),
]
