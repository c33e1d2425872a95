"""Where requests go, but for those that `front` answers itself."""

from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from orderwright.api import docs
from orderwright.api.app import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("", require_safe(RedirectView.as_view(url="/v1/docs"))),
    path("v1/docs", require_safe(docs.page)),
    path("v1/docs/<str:name>", require_safe(docs.file)),
    path("problems/<slug:code>", require_safe(docs.kind_of_problem)),
    path("v1/", api.urls),
]
