"""Where requests go, but for those that `front` answers itself."""

from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_http_methods, require_safe

from orderwright.api import docs
from orderwright.api.app import api
from orderwright.web import assets, mailbox, signing_in, unsubscribing
from orderwright.web.pages import (
    board,
    customers,
    design,
    editing,
    exceptions,
    gift_cards,
    order,
    order_actions,
    order_work,
    orders,
    palette,
    runs,
    stock,
    stock_actions,
    stock_files,
    stock_papers,
)
from orderwright.web.pages.settings import paths as settings_paths
from orderwright.web.shop import accounts, browsing, cart, checkout, claiming, paying, tracking

urlpatterns: list[URLPattern | URLResolver] = [
    *browsing.PATHS,
    *gift_cards.PATHS,
    *cart.PATHS,
    *accounts.PATHS,
    *claiming.PATHS,
    *assets.PATHS,
    *signing_in.PATHS,
    *design.PATHS,
    *settings_paths.PATHS,
    *customers.PATHS,
    *runs.PATHS,
    *orders.PATHS,
    *order_actions.PATHS,
    *editing.PATHS,
    *order_work.PATHS,
    *order.PATHS,
    *board.PATHS,
    *palette.PATHS,
    *exceptions.PATHS,
    *stock_papers.PATHS,
    *stock_files.PATHS,
    *stock.PATHS,
    *stock_actions.PATHS,
    *checkout.PATHS,
    *paying.PATHS,
    *tracking.PATHS,
    path("v1/docs", require_safe(docs.page)),
    path("v1/docs/<str:name>", require_safe(docs.file)),
    path("problems/<slug:code>", require_safe(docs.kind_of_problem)),
    path("mailbox", require_safe(mailbox.mailbox)),
    path("mailbox/<int:letter_id>", require_safe(mailbox.letter)),
    path("mailbox/<int:letter_id>/html", require_safe(mailbox.letter_html)),
    path("unsubscribe/<str:token>", require_http_methods(["GET", "HEAD", "POST"])(unsubscribing.unsubscribe)),
    path("v1/", api.urls),
]

handler404 = "orderwright.web.visiting.not_found"
