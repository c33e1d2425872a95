"""/account/claim: an order that was placed with another e-mail address is asked for, and agreed to by that address.

Whether there is such an order is never told to who asks; only the letter that goes to its own address speaks of it.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from orderwright.customers.models import Customer
from orderwright.flows.claim_orders import ask_for_order, claim_orders
from orderwright.kernel import actors, throttling
from orderwright.kernel.errors import Refusal
from orderwright.kernel.locks import again_on_conflict
from orderwright.orders import claiming
from orderwright.orders.models import Order
from orderwright.web.answering import go, page, say
from orderwright.web.shop.accounts import customer_of
from orderwright.web.signing_in import network_of

TRIES_OF_A_NETWORK, TRIES_OF_A_NUMBER, TRIES_SECONDS = 20, 5, 60 * 60  # nobody's mailbox is flooded
LOOKS, LOOKS_SECONDS = 60, 600


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for an order; the answer is the same whatever is right of it."""
    customer = customer_of(request)
    if customer is None:
        return go(request, "/account")
    number = request.POST.get("number", "").strip()[:100].replace("\x00", "")
    email = request.POST.get("email", "").strip()[:254].replace("\x00", "")
    throttling.count("claim from", network_of(request), most=TRIES_OF_A_NETWORK, seconds=TRIES_SECONDS)
    throttling.count("claim of", number.upper(), most=TRIES_OF_A_NUMBER, seconds=TRIES_SECONDS)
    again_on_conflict(lambda: ask_for_order(number, email, customer_id=customer.pk))
    say(request, _("If there is such an order, its address has a letter now. The link in it brings the order here."))
    return go(request, "/account")


@require_http_methods(["GET", "HEAD", "POST"])
def agree(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the letter: what is asked for and by whom, and a button."""
    throttling.count("claim-look", network_of(request), most=LOOKS, seconds=LOOKS_SECONDS)
    asked = claiming.read(token)
    found = {
        "number": Order.objects.values_list("number", flat=True).get(pk=asked.order_id),
        "account": Customer.objects.values_list("email", flat=True).get(pk=asked.customer_id),
        "token": token,
    }
    if not found["account"]:
        raise claiming.ClaimOver
    if request.method != "POST":
        return page(request, "shop/claim.html", found)
    (answer,) = again_on_conflict(lambda: claim_orders([asked], actor=actors.customer(asked.was)))
    if isinstance(answer, Refusal):
        raise answer
    return page(request, "shop/claim.html", found | {"done": True})


PATHS = [
    path("account/claim", ask),
    path("account/claim/<str:token>", agree),
]
