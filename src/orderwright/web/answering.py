"""Answering people: whole pages, parts of pages for htmx, and short words that appear beside what they did.

No script or style stands inside a page; all come from our own files, and the policy below says so to the browser.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise

from orderwright.kernel.errors import Refusal

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "frame-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def policy(**more: str) -> str:
    """The content security policy of a page; `more` adds sources, such as frame_src="https://pay.example"."""
    rules = dict(POLICY)
    for name, sources in more.items():
        rules[name.replace("_", "-")] += f" {sources}"
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def page(
    request: HttpRequest,
    template: str,
    words: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    content_policy: str | None = None,
) -> HttpResponse:
    """A whole page, which nobody keeps: it may name people."""
    return _dressed(render(request, template, dict(words or {}), status=status), content_policy)


def part(
    request: HttpRequest, template: str, words: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A part of a page for htmx, with the toasts that wait."""
    body = render_to_string(template, dict(words or {}), request)
    toasts = list(messages.get_messages(request))
    if toasts:
        body += render_to_string("parts/toasts.html", {"toasts": toasts, "out_of_band": True}, request)
    return _dressed(HttpResponse(body, status=status), None)


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page; not when it only follows a link, or goes back in the history."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def say(request: HttpRequest, words: str | Promise, *, tone: str = "good") -> None:
    """Have a toast appear with the next page or part: `tone` is good, calm, wait or bad."""
    messages.add_message(request, messages.INFO, str(words), extra_tags=tone)


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Lead on to another page after something was done."""
    answer = HttpResponse(status=200 if is_part(request) else 303)
    answer["HX-Redirect" if is_part(request) else "Location"] = url
    answer["Cache-Control"] = "no-store"
    return answer


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal, said where the person looks: as a toast on the page that asked by htmx, else as a page."""
    if is_part(request):
        toasts = [{"message": str(refusal), "extra_tags": "bad"}]
        answer = HttpResponse(
            render_to_string("parts/toast_rows.html", {"toasts": toasts}, request), status=refusal.status
        )
        answer["HX-Retarget"] = "#toasts"
        answer["HX-Reswap"] = "beforeend"
        answer["HX-Push-Url"] = "false"
    else:
        words = {"refusal": refusal, "sentence": str(refusal), "code": refusal.code}
        answer = render(request, "refused.html", words, status=refusal.status)
    if "retry_after_seconds" in refusal.facts:
        answer["Retry-After"] = str(refusal.facts["retry_after_seconds"])
    return _dressed(answer, None)


def _dressed(answer: HttpResponse, content_policy: str | None) -> HttpResponse:
    answer["Content-Security-Policy"] = content_policy or policy()
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "same-origin"
    answer["Vary"] = "HX-Request, Cookie, Accept-Language"
    return answer
