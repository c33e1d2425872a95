"""/unsubscribe/…: where the link under a letter leads.

Nothing changes by looking (mail scanners follow links); the button does, and the one click of a mail program, which
posts `List-Unsubscribe=One-Click` (RFC 8058).
"""

from contextlib import suppress

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from orderwright.customers.forgetting import CustomerForgotten
from orderwright.customers.models import Customer
from orderwright.kernel import actors
from orderwright.kernel.errors import NotFound
from orderwright.notifications.addressing import BadLink, Link, read_link
from orderwright.notifications.composing import language_of
from orderwright.notifications.kinds import ALL, KINDS
from orderwright.notifications.switching import Said, is_wanted, say, words_of
from orderwright.web.answering import page


@csrf_exempt  # a mail program posts without having seen the page; the link itself is the proof
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link stops; stop it, all letters of its channel, or start them again."""
    try:
        link = read_link(token)
    except BadLink as bad:
        return page(request, "unsubscribe.html", {"problem": str(bad)}, status=bad.status)
    customer = Customer.objects.filter(pk=link.customer_id).only("language", "forgotten_at").first()
    with translation.override(language_of(customer.language if customer else "en")):
        if request.method == "POST":
            with suppress(NotFound, CustomerForgotten):  # nobody is left to write to, which is what was asked for
                _obey(link, request.POST.get("do", "stop"))
        words = words_of([link.customer_id])[link.customer_id]
        facts: dict[str, object] = {
            "kind": KINDS[link.kind].name,
            "wanted": is_wanted(link.kind, link.channel, words),
            "all_stopped": words.get((link.channel, ALL)) is False,
            "done": request.method == "POST",
        }
        return page(request, "unsubscribe.html", facts)


def _obey(link: Link, what: str) -> None:
    """Keep what was said.  What is started again is what was stopped: the others only where all were."""
    words = words_of([link.customer_id])[link.customer_id]
    others = [Said(link.channel, ALL, True)] if words.get((link.channel, ALL)) is False else []
    said = {
        "stop": [Said(link.channel, link.kind, False)],
        "stop_all": [Said(link.channel, ALL, False), Said(link.channel, link.kind, False)],
        "start": [*others, Said(link.channel, link.kind, True)],
    }
    say(link.customer_id, said.get(what, said["stop"]), actor=actors.customer(link.customer_id))
