"""Forms that are done once: each bears a word of its own, which is used up when it is done.

Pressing twice, or going back and pressing again, would receive goods or give money twice.
"""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import throttling
from orderwright.kernel.errors import Refusal
from orderwright.web.allowing import Visit

KEPT_SECONDS = 60 * 60
LONGEST = 100


class DoneAlready(Refusal):
    code = "done_already"
    sentence = _("This was done already: the form was sent twice. Nothing more was done.")


def word() -> str:
    """A word for one form of one page."""
    return secrets.token_urlsafe(16)


def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Do what a form asks for, and use its word up, together or not at all: who is refused may press again."""

    @wraps(view)
    @transaction.atomic
    def seen(request: Visit, **parts: Any) -> HttpResponse:
        use_up(request)
        return view(request, **parts)

    return seen


def use_up(request: Visit) -> None:
    """Use up the word of a form, if it bears one, in the transaction that does what it asks for."""
    said = request.POST.get("once", "")[:LONGEST]
    if said:
        try:
            throttling.count("form", f"{request.user.pk} {said}", most=1, seconds=KEPT_SECONDS)
        except throttling.TooOften as again:
            raise DoneAlready from again
