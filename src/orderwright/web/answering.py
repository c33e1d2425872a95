"""Answering with a page: no script runs on any, and styles come from our own file."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
STYLE = (Path(__file__).parent / "style.css").read_bytes()


def page(request: HttpRequest, template: str, words: dict[str, object], *, status: int = 200) -> HttpResponse:
    """A page of ours, which nobody keeps: it may name people."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    answer = render(request, template, words, status=status)
    for name, value in headers.items():
        answer[name] = value
    return answer


def style(request: HttpRequest) -> HttpResponse:
    """The one style sheet."""
    return HttpResponse(STYLE, content_type="text/css", headers={"Cache-Control": "public, max-age=300"})
