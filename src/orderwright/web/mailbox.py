"""/mailbox: all letters that would have been sent, for a shop that has no mail provider yet.

Once one is set up there is no such page: letters are read by API then.
"""

from django.http import Http404, HttpResponse
from django.utils.translation import get_language

from orderwright.kernel.errors import NotFound
from orderwright.notifications import queries, ways
from orderwright.notifications.addressing import unsubscribe_url
from orderwright.notifications.kinds import EMAIL, KINDS
from orderwright.notifications.queries import Filters, LetterSeen
from orderwright.web.allowing import Visit, allow
from orderwright.web.answering import page

ROWS = 50
# The letter stands in a frame of its own, in which nothing runs and which knows nothing of us.
FRAME = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data: https:; frame-ancestors 'self'"
)


@allow("letters:read")
def mailbox(request: Visit) -> HttpResponse:
    """The letters, the newest first; of one order, or of one kind."""
    _only_where_nothing_is_set_up()
    order, kind = request.GET.get("order", "").strip()[:100], request.GET.get("kind", "")
    before = request.GET.get("before", "")
    filters = Filters(order=order or None, kind=kind if kind in KINDS else None)
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = queries.letters(filters, before=last, limit=ROWS + 1)
    words: dict[str, object] = {
        "letters": [_row(letter) for letter in found[:ROWS]],
        "kinds": KINDS.values(),
        "kind": kind,
        "order": order,
        "next": found[ROWS - 1].id if len(found) > ROWS else None,
        "language": get_language(),
    }
    return page(request, "mailbox.html", words)


@allow("letters:read")
def letter(request: Visit, letter_id: int) -> HttpResponse:
    """One letter: its headers, as it looks, and as text."""
    _only_where_nothing_is_set_up()
    seen = _letter(letter_id)
    url = unsubscribe_url(seen.customer, seen.kind, seen.channel)
    headers = {"Message-ID": seen.message_id, "Subject": seen.subject, **ways.headers_of(url)}
    words: dict[str, object] = {
        "letter": seen,
        "row": _row(seen),
        "text": queries.words(letter_id).text,
        "headers": headers,
    }
    return page(request, "letter.html", words)


@allow("letters:read")
def letter_html(request: Visit, letter_id: int) -> HttpResponse:
    """The letter itself, as a mail program would show it."""
    _only_where_nothing_is_set_up()
    _letter(letter_id)
    headers = {"Content-Security-Policy": FRAME, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    answer = HttpResponse(queries.words(letter_id).html, headers=headers)
    answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _only_where_nothing_is_set_up() -> None:
    if not ways.is_mailbox(EMAIL):
        raise Http404


def _letter(letter_id: int) -> LetterSeen:
    try:
        return queries.letter(letter_id)
    except NotFound as missing:
        raise Http404 from missing


def _row(seen: LetterSeen) -> dict[str, object]:
    kind = KINDS[seen.kind]
    return {"letter": seen, "kind": kind.name, "to": "staff" if kind.staff else "customer"}
