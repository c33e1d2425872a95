"""What can go wrong, as a business person would say it.

A `Refusal` is an expected answer, not a crash: it has a stable code, a sentence a clerk can read, and the facts
a program needs.  The web edge turns it into a message, the API edge into a problem document (RFC 9457).
Anything else that is raised is a bug.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """An expected "no".  Subclasses give `code`, `sentence` (fields in braces are facts) and the HTTP status hint."""

    code: str = "refused"
    status: int = 409
    sentence: str | Promise = _("This cannot be done.")

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.code, facts)

    def __str__(self) -> str:
        return str(self.sentence).format(**self.facts)


class Invalid(Refusal):
    """A value that cannot be right, whatever the state of the shop."""

    code = "invalid"
    status = 422
    sentence = _("{field}: {problem}")


class NotFound(Refusal):
    code = "not_found"
    status = 404
    sentence = _("There is no {thing} {name}.")


class Stale(Refusal):
    code = "stale"
    status = 412
    sentence = _("{thing} was changed meanwhile: it is at version {version}. Read it again before you change it.")
