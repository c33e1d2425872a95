"""Views of the list of orders: those that every shop has, and those that people save."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import clock
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.lists.asking import FACETS, Question, read, within
from orderwright.lists.models import View

COLUMNS: dict[str, Promise] = {
    "placed": _("Placed"),
    "customer": _("Customer"),
    "channel": _("Channel"),
    "country": _("Country"),
    "total": _("Total"),
    "payment": _("Payment"),
    "fulfilment": _("Fulfilment"),
    "promise": _("Promised"),
    "units": _("Units"),
    "tags": _("Tags"),
    "reference": _("Reference"),
}
USUAL = ("placed", "customer", "channel", "country", "total", "payment", "promise", "units", "tags")
ASKED = ("q", *FACETS, "customer", "late", "age", "amount", "placed")
MOST_VIEWS = 40


class ViewNameTaken(Refusal):
    code = "view_name_taken"
    sentence = _("You have a view named “{name}” already.")


class ViewSeen(NamedTuple):
    """A view as a tab: the default ones have no id."""

    name: str | Promise
    query: str
    id: int | None = None
    shared: bool = False
    owner_id: int | None = None
    columns: Sequence[str] = ()


DEFAULTS = (
    ViewSeen(_("All"), ""),
    ViewSeen(_("Open"), "q=is:open"),
    ViewSeen(_("To ship"), "status=ready&status=in_work&status=partly_shipped"),
    ViewSeen(_("Unpaid"), "status=unpaid"),
    ViewSeen(_("Late"), "late=missed"),
    ViewSeen(_("On hold"), "status=on_hold"),
    ViewSeen(_("Backordered"), "status=backordered"),
    ViewSeen(_("Canceled"), "status=canceled"),
)


def asked_of(query: QueryDict, may: Collection[str]) -> Question:
    """The question that an address asks, as somebody who may do this asks it; refused where it makes no sense."""
    return within(_read(query), may)


def _read(query: QueryDict) -> Question:
    facets = {field: query.getlist(field)[:20] for field in ASKED if field != "q"}
    return read(query.get("q", ""), facets, zone=timezone.get_current_timezone())


def kept_of(query: QueryDict) -> str:
    """What a view keeps of an address: what is asked for, not where in the list somebody is."""
    kept = QueryDict(mutable=True)
    for field in ASKED:
        values = [value for value in query.getlist(field) if value.strip()]
        if values:
            kept.setlist(field, values)
    return kept.urlencode(safe=":")


def columns_of(wanted: Sequence[str]) -> list[str]:
    """Known columns, each once, in the order in which they were chosen; the usual ones, where none is."""
    return [one for one in dict.fromkeys(wanted) if one in COLUMNS] or list(USUAL)


def views_of(person_id: int) -> list[ViewSeen]:
    """The views that somebody sees: their own and the shared ones, by name."""
    found = View.objects.filter(Q(owner_id=person_id) | Q(shared=True)).order_by("name", "pk")[:MOST_VIEWS]
    return [ViewSeen(one.name, one.query, one.pk, one.shared, one.owner_id, one.columns) for one in found]


def save(person_id: int, name: str, query: str, *, columns: Sequence[str], shared: bool) -> ViewSeen:
    """Keep a search under a name."""
    _read(QueryDict(query))
    if not name:
        raise Invalid(field="name", problem=_("is needed"))
    try:
        with transaction.atomic():
            one = View.objects.create(
                owner_id=person_id,
                name=name,
                query=query,
                columns=[column for column in columns if column in COLUMNS],
                shared=shared,
                created_at=clock.now(),
            )
    except IntegrityError as error:
        raise ViewNameTaken(name=name) from error
    return ViewSeen(one.name, one.query, one.pk, one.shared, person_id, one.columns)


def remove(person_id: int, view_id: int) -> str:
    """Forget a view of one's own; answers its name."""
    found = View.objects.filter(pk=view_id, owner_id=person_id).first()
    if found is None:
        raise NotFound(thing=_("view"), name=view_id)
    found.delete()
    return found.name
