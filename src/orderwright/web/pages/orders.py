"""/desk/orders: orders found by words, fields and facets; views of them that are saved; acts on many of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from babel import Locale
from django.http import HttpResponse, QueryDict
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from orderwright.inventory import queries as places
from orderwright.lists import keys, searching, viewing
from orderwright.lists.asking import AGES, AMOUNTS, FIELDS, LATE, PERSONAL, STATES
from orderwright.lists.models import Act
from orderwright.lists.refusals import BadSearch, PeopleNotSeen, PricesNotSeen, UnknownField
from orderwright.lists.searching import Counts, Found
from orderwright.lists.viewing import COLUMNS, DEFAULTS, ViewSeen
from orderwright.web import reading
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import go, is_part, page, part, say

HERE = "/desk/orders"
SHOWN_TO = {"total": "prices:read", "customer": "customers:read"}
WORDED = (Act.HOLD, Act.TAG, Act.UNTAG, Act.CANCEL)  # acts that need a word: a reason, a tag
ROWS = 50
MOST_PLACES = 100
AGE_WORDS = {
    "today": gettext_lazy("Last 24 hours"),
    "1d": gettext_lazy("A day old"),
    "3d": gettext_lazy("3 to 7 days"),
    "7d": gettext_lazy("Older than 7 days"),
}
LATE_WORDS = {
    "missed": gettext_lazy("Late"),
    "today": gettext_lazy("Today"),
    "soon": gettext_lazy("Today or tomorrow"),
}
SAID_BESIDE = (UnknownField, BadSearch, PricesNotSeen, PeopleNotSeen)  # beside the field, where it can be mended
EXAMPLES = (
    ("number:1001", gettext_lazy("the beginning of a number")),
    ("email:ada@", gettext_lazy("the beginning of an e-mail address")),
    ('name:"Ada Lovelace"', gettext_lazy("a part of a name")),
    ("phone:0301234", gettext_lazy("the digits of a phone number")),
    ("sku:TEE-M", gettext_lazy("an order with this SKU")),
    ("tracking:00340…", gettext_lazy("a tracking number")),
    ("reference:#1001", gettext_lazy("the channel’s own number")),
    ("tag:vip city:Berlin postal:101", gettext_lazy("a tag, a town, a postal code")),
    ("is:late is:open is:held is:packed", gettext_lazy("what it is")),
    ("amount:>100 amount:50..100", gettext_lazy("its total")),
    ("placed:2026-11-01..", gettext_lazy("placed since, until, or between days")),
)


class Choice(NamedTuple):
    """A value of a facet, as a chip: whether it is chosen, where it leads, and how many there are if it is known."""

    value: str
    name: str | Promise
    chosen: bool
    url: str
    orders: int | None = None
    more: bool = False  # at least so many


class Facet(NamedTuple):
    code: str
    name: str | Promise
    choices: Sequence[Choice]

    @property
    def chosen(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.chosen]


class Tab(NamedTuple):
    view: ViewSeen
    url: str
    here: bool


@require_safe
@allow("orders:read")
def orders(request: Visit) -> HttpResponse:
    """A page of the orders that fit, the newest first."""
    query, problem, counts, status = request.GET, None, Counts(0, False, {}), 200
    try:
        asked = viewing.asked_of(query, request.may)
        before = keys.read(query.get("before", ""))
        after = keys.read(query.get("after", ""))
        found, counts = searching.search_and_count(asked, after=after, before=before, limit=ROWS)
    except SAID_BESIDE as refusal:
        found, problem, status = Found([], None, None, False), str(refusal), refusal.status
    words = {
        "orders": found.rows,
        "found": found,
        "problem": problem,
        "older": _moved(query, after=keys.named(found.older)) if found.older else "",
        "newer": _moved(query, before=keys.named(found.newer)) if found.newer else "",
        "counts": counts,
        "facets": _facets(query, counts, request.may),
        "q": query.get("q", ""),
        "asked": viewing.kept_of(query),
        **_dressing(request),
    }
    if is_part(request):
        return part(request, "orders/_list.html", words, status=status)
    return page(request, "orders/list.html", words, status=status)


def needed_for(act: Act) -> str:
    """The verb that is needed to do this to many orders."""
    return {Act.EXPORT: "orders:read", Act.SLIPS: "shipments:read"}.get(act, "orders:write")


def _dressing(request: Visit) -> dict[str, Any]:
    """Tabs, columns, and what the forms offer."""
    kept = viewing.kept_of(request.GET)
    views = [*DEFAULTS, *viewing.views_of(request.user.pk)]
    here = next((view for view in views if _same(view.query, kept)), None)
    columns = viewing.columns_of(request.GET.getlist("column") or (here.columns if here else []))
    hidden = {column for column, verb in SHOWN_TO.items() if verb not in request.may}
    columns = [column for column in columns if column not in hidden]
    return {
        "tabs": [Tab(view, f"{HERE}?{view.query}" if view.query else HERE, view is here) for view in views],
        "view": here,
        "mine": here is not None and here.id is not None and here.owner_id == request.user.pk,
        "columns": [(column, COLUMNS[column]) for column in columns],
        "all_columns": [(code, name, code in columns) for code, name in COLUMNS.items() if code not in hidden],
        "examples": [one for one in EXAMPLES if _may_search(one[0].partition(":")[0], request)],
        "acts": [(act.value, act.label) for act in Act if needed_for(act) in request.may],
        "worded": WORDED,
        "kept_fields": [
            (name, value) for name in (*viewing.ASKED[1:], "column") for value in request.GET.getlist(name) if value
        ],
    }


def _may_search(field: str, request: Visit) -> bool:
    if field in PERSONAL:
        return "customers:read" in request.may
    return field != "amount" or "prices:read" in request.may


@require_safe
@allow("orders:read")
def counts(request: Visit) -> HttpResponse:
    """How many orders are in each view: loaded after the page."""
    kept = viewing.kept_of(QueryDict(request.GET.get("here", "")))
    views = [*DEFAULTS, *viewing.views_of(request.user.pk)]
    tabs = [
        (Tab(view, f"{HERE}?{view.query}" if view.query else HERE, _same(view.query, kept)), _tally(request, view))
        for view in views
    ]
    return part(request, "orders/_tabs.html", {"counted": tabs})


def _tally(request: Visit, view: ViewSeen) -> searching.Tally | None:
    try:
        return searching.tally(viewing.asked_of(QueryDict(view.query), request.may))
    except SAID_BESIDE:  # a field that was, when the view was saved; or somebody else's
        return None


def _same(one: str, other: str) -> bool:
    return viewing.kept_of(QueryDict(one)) == other


def _moved(query: QueryDict, **places: str) -> str:
    moved = query.copy()
    for name in ("after", "before"):
        moved.pop(name, None)
    moved.update(places)
    return f"{HERE}?{moved.urlencode(safe=':')}"


def _facets(query: QueryDict, counts: Counts, may: Collection[str]) -> list[Facet]:
    """What the list can be narrowed to, each value with how many of what is found have it."""
    facets = []
    for code, name, values in _offered(counts, may):
        chosen = [value for value in query.getlist(code) if value]
        known = {**dict(values), **{value: value for value in chosen if value not in values}}
        found = counts.facets.get(code, {})
        if code == "amount":  # counted by the place of the range
            found = {value: found.get(str(place), 0) for place, value in enumerate(AMOUNT_WORDS)}
        more = counts.more or (code in SAMPLED_FACETS and counts.total > searching.SAMPLED)
        choices = [
            Choice(value, word, value in chosen, _toggled(query, code, value), found.get(value), more)
            for value, word in known.items()
        ]
        facets.append(Facet(code, name, choices))
    return facets


def _offered(counts: Counts, may: Collection[str]) -> Iterator[tuple[str, Promise, Mapping[str, Any]]]:
    """The facets, each with its values and what they are called."""
    for code, name in STATE_NAMES.items():
        yield code, name, dict(STATES[code].choices)
    yield "late", gettext_lazy("To leave"), {code: LATE_WORDS[code] for code in LATE}
    yield "age", gettext_lazy("Age"), {code: AGE_WORDS[code] for code in AGES}
    yield "channel", gettext_lazy("Channel"), {code: code for code in counts.facets.get("channel", {})}
    locations = places.locations(limit=MOST_PLACES)
    yield "location", gettext_lazy("Location"), {one.code: f"{one.code} · {one.name}" for one in locations}
    called = Locale.parse((get_language() or "en").split("-")[0]).territories
    countries = _by_number(counts.facets.get("country", {}))
    yield "country", gettext_lazy("Country"), {code: called.get(code, code) for code in countries}
    yield "tag", gettext_lazy("Tags"), {tag: tag for tag in _by_number(counts.facets.get("tag", {}))}
    if "prices:read" in may:
        yield "amount", gettext_lazy("Amount"), AMOUNT_WORDS


def _by_number(found: Mapping[str, int]) -> list[str]:
    return sorted(found, key=lambda value: (-found[value], value))[: searching.MOST_OFFERED]


def _ranges() -> dict[str, str]:
    """The ranges of the facet by amount, as they are asked for, in their order."""
    ends = [f"<{AMOUNTS[0]}", *[f"{least}..{most - 1}.99" for least, most in pairwise(AMOUNTS)], f">={AMOUNTS[-1]}"]
    words = [f"< {AMOUNTS[0]}", *[f"{least} – {most}" for least, most in pairwise(AMOUNTS)], f"≥ {AMOUNTS[-1]}"]
    return dict(zip(ends, words, strict=True))


AMOUNT_WORDS = _ranges()
SAMPLED_FACETS = ("country", "tag")
STATE_NAMES = {
    "status": gettext_lazy("Status"),
    "payment": gettext_lazy("Payment"),
    "fulfilment": gettext_lazy("Fulfilment"),
}
assert set(STATE_NAMES) < set(FIELDS)


def _toggled(query: QueryDict, code: str, value: str) -> str:
    """The address with this value chosen, or no longer; late, age and amount have one at a time."""
    moved = query.copy()
    for name in ("after", "before"):
        moved.pop(name, None)
    values = moved.getlist(code)
    if value in values:
        moved.setlist(code, [one for one in values if one != value])
    else:
        moved.setlist(code, [value] if code in ("late", "age", "amount") else [*values, value])
    return f"{HERE}?{moved.urlencode(safe=':')}"


@require_POST
@allow("orders:read")
def save(request: Visit) -> HttpResponse:
    """Keep what is asked for as a view."""
    form = request.POST
    asked = viewing.kept_of(QueryDict(form.get("asked", "")[:2000]))
    name = reading.text(form, "name", most=60, needed=True)
    columns, shared = form.getlist("column"), reading.ticked(form, "shared")
    viewing.save(request.user.pk, name, asked, columns=columns, shared=shared)
    say(request, _("The view “{name}” is saved.").format(name=name))
    return go(request, f"{HERE}?{asked}")


@require_POST
@allow("orders:read")
def forget(request: Visit, view_id: int) -> HttpResponse:
    """Forget a view of one's own."""
    name = viewing.remove(request.user.pk, view_id)
    say(request, _("The view “{name}” is gone; its orders are where they were.").format(name=name))
    return go(request, HERE)


PATHS = [
    path("desk/orders", orders),
    path("desk/orders/-/counts", counts),
    path("desk/orders/-/views", save),
    path("desk/orders/-/views/<int:view_id>/forget", forget),
]
