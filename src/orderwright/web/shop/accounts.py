"""/account: a buyer signs in by a link in a letter, and sees their own orders, those from before among them.

There is no password: whoever reads the letters of an address is who it belongs to.  That is also how orders that were
placed as a guest are claimed.
"""

from typing import NamedTuple

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orderwright.credits import queries as credits
from orderwright.customers import linking
from orderwright.customers.checking import customer_problems
from orderwright.customers.drafting import CustomerDraft
from orderwright.customers.models import Customer
from orderwright.kernel import actors, throttling
from orderwright.kernel.locks import again_on_conflict
from orderwright.orders.queries import Filters, Listed, listed
from orderwright.payments import linking as payment_links
from orderwright.promises.queries import deliver_days
from orderwright.web.answering import go, page, say
from orderwright.web.signing_in import network_of

KEY = "customer"
ORDERS = 50
ASKS, ASKS_SECONDS = 5, 3600  # of one address: nobody's mailbox is flooded
NETWORK_ASKS, NETWORK_SECONDS = 20, 3600
LOOKS, LOOKS_SECONDS = 60, 600


class Row(NamedTuple):
    """An order as its buyer sees it in the list."""

    order: Listed
    url: str
    promised: object


def customer_of(request: HttpRequest) -> Customer | None:
    """The buyer who is signed in; nobody, where they were forgotten since."""
    known = request.session.get(KEY)
    if not isinstance(known, int):
        return None
    return Customer.objects.filter(pk=known, forgotten_at=None).first()


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """The buyer's orders, or the way in."""
    customer = customer_of(request)
    if customer is None:
        return page(request, "shop/account_in.html")
    found = listed(Filters(customer_id=customer.pk), after=None, limit=ORDERS)[:ORDERS]
    promised = deliver_days([order.id for order in found])
    rows = [
        Row(order, f"/track/{payment_links.token_of(order.id, payment_links.TRACK)}", promised.get(order.id))
        for order in found
    ]
    words = {
        "customer": customer,
        "rows": rows,
        "credits": [one for one in credits.credits_of([customer.pk])[customer.pk] if one.available],
    }
    return page(request, "shop/account.html", words)


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Send a link to the address; the answer is the same whether somebody is known there or not."""
    typed = request.POST.get("email", "").replace("\x00", "").strip()[:254]
    checked, wrong = customer_problems(CustomerDraft(email=typed), country="")
    if not typed or any(field == "email" for field, _problem in wrong):
        problem = _("This is no e-mail address that we can write to.")
        return page(request, "shop/account_in.html", {"email": typed, "problem": problem}, status=422)
    throttling.count("account-network", network_of(request), most=NETWORK_ASKS, seconds=NETWORK_SECONDS)
    throttling.count("account-link", checked.email.lower(), most=ASKS, seconds=ASKS_SECONDS)
    language = translation.get_language() or "en"
    again_on_conflict(lambda: _ask(checked.email, language))
    return page(request, "shop/account_asked.html", {"email": checked.email})


@transaction.atomic
def _ask(email: str, language: str) -> None:
    linking.ask_link(email, language=language, actor=actors.system("shop"))


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the letter: a button, for programs that look into letters press none; pressing it signs in."""
    throttling.count("account-enter", network_of(request), most=LOOKS, seconds=LOOKS_SECONDS)
    if request.method != "POST":
        linking.look_at(token)
        return page(request, "shop/account_enter.html", {"token": token})
    customer_id = linking.use(token)
    request.session.cycle_key()
    request.session[KEY] = customer_id
    say(request, _("You are signed in."))
    return go(request, "/account")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out; the cart stays."""
    request.session.pop(KEY, None)
    request.session.cycle_key()
    say(request, _("You are signed out."))
    return go(request, "/")


PATHS = [
    path("account", account),
    path("account/ask", ask),
    path("account/in/<str:token>", enter),
    path("account/out", leave),
]
