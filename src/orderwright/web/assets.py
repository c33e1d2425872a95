"""Styles and scripts: read once, named by their content, compressed beforehand, and kept by browsers for ever."""

import gzip
import hashlib
import mimetypes
from functools import cache
from pathlib import Path
from typing import NamedTuple

import django_htmx
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

OURS = Path(__file__).parent / "static"
HTMX = Path(django_htmx.__file__).parent / "static" / "django_htmx"
THEIRS = {"htmx.js": HTMX / "htmx-4.min.js", "htmx-sse.js": HTMX / "ext" / "hx-sse-4.min.js"}
KEPT = "public, max-age=31536000, immutable"


class Asset(NamedTuple):
    content: bytes
    packed: bytes
    type: str
    mark: str  # of the content: another content has another address


@cache
def read(name: str) -> Asset:
    """The file of this name.  Raises FileNotFoundError."""
    name = "".join(list(name))  # templates mark their strings as safe, which paths do not take
    content = THEIRS.get(name, OURS / name).read_bytes()
    kind = mimetypes.types_map.get(Path(name).suffix, "application/octet-stream")
    if kind.startswith("text/") or kind.endswith("svg+xml"):
        kind += "; charset=utf-8"
    return Asset(content, gzip.compress(content, mtime=0), kind, hashlib.sha256(content).hexdigest()[:12])


@cache
def url(name: str) -> str:
    """The address of the file of this name."""
    return f"/assets/{read(name).mark}/{name}"


@require_safe
def asset(request: HttpRequest, mark: str, name: str) -> HttpResponse:
    """The file.  An old mark, from a page made by the version before, gets the present content, kept by nobody."""
    if name not in THEIRS and name not in {file.name for file in OURS.iterdir()}:
        raise Http404
    found = read(name)
    packs = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = HttpResponse(found.packed if packs else found.content, content_type=found.type)
    if packs:
        answer["Content-Encoding"] = "gzip"
    answer["Vary"] = "Accept-Encoding"
    answer["Cache-Control"] = KEPT if mark == found.mark else "no-cache"
    return answer


PATHS = [path("assets/<str:mark>/<str:name>", asset)]
