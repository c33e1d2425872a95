"""Editing what one has seen: ETag and If-Match (RFC 9110), with a row's version number as the tag."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal, Stale


class VersionNeeded(Refusal):
    code = "version_needed"
    status = 428
    sentence = _("Say with If-Match which version you have seen: the ETag of the answer to GET.")


class BadVersion(Refusal):
    code = "bad_version"
    status = 422
    sentence = _("{tag} is not an ETag of ours.")


def tag(response: HttpResponse, version: int) -> None:
    """Say in the answer which version it shows."""
    response["ETag"] = f'"{version}"'


def seen_version(request: HttpRequest) -> int | None:
    """The version that the caller has seen; None for `If-Match: *`.  Refused where the header is missing."""
    said = request.headers.get("If-Match", "").strip()
    if not said:
        raise VersionNeeded()
    if said == "*":
        return None
    number = said.removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise BadVersion(tag=said[:80])
    return int(number)


def expect(seen: int | None, version: int, *, thing: str) -> None:
    """Refuse where the row, locked by now, is at another version than the caller has seen."""
    if seen is not None and seen != version:
        raise Stale(thing=thing, version=version)
