"""GET /v1/docs: pages to read and try the API, from files that come with django-ninja; no other host is asked.

GET /problems/CODE is what a problem's `type` names: what this kind of problem is.
"""

from collections.abc import Iterator
from pathlib import Path

import ninja
from django.http import Http404, HttpRequest, HttpResponse

from orderwright.kernel.errors import Refusal

FILES = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-init.js": "text/javascript",
    "favicon.svg": "image/svg+xml",
}
FOLDER = Path(ninja.__file__).parent / "static" / "ninja"
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Orderwright API</title>
<link rel="stylesheet" href="/v1/docs/swagger-ui.css">
<link rel="icon" href="/v1/docs/favicon.svg">
</head>
<body>
<script type="application/json" id="swagger-settings">
{"url": "/v1/openapi.json", "layout": "BaseLayout", "deepLinking": true, "validatorUrl": null}
</script>
<div id="swagger-ui"></div>
<script src="/v1/docs/swagger-ui-bundle.js"></script>
<script src="/v1/docs/swagger-ui-init.js"></script>
</body>
</html>
"""


def page(request: HttpRequest) -> HttpResponse:
    """The page itself."""
    return HttpResponse(PAGE, headers={"Content-Security-Policy": POLICY})


def file(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the page."""
    if name not in FILES:
        raise Http404
    headers = {"Cache-Control": "public, max-age=86400"}
    return HttpResponse((FOLDER / name).read_bytes(), content_type=FILES[name], headers=headers)


def kind_of_problem(request: HttpRequest, code: str) -> HttpResponse:
    """What the problems with this code have in common, as text."""
    for refusal in _refusals(Refusal):
        if refusal.code == code:
            text = f"{code} (HTTP {refusal.status})\n\n{refusal.sentence}\n"
            return HttpResponse(text, content_type="text/plain; charset=utf-8")
    raise Http404


def _refusals(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _refusals(narrower)
