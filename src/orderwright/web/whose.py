"""Whose act it was: actors in words, people and programs by their names."""

from collections.abc import Collection

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.staff.keys import names_of as programs_called
from orderwright.staff.people import names_of as people_called

SYSTEM: Promise = _("Orderwright")
CUSTOMER: Promise = _("The customer")


def called(actors: Collection[str]) -> dict[str, str]:
    """What these actors are called; two statements at most."""
    ids: dict[str, list[int]] = {"staff": [], "client": []}
    for actor in actors:
        sort, _colon, rest = actor.partition(":")
        if sort in ids and rest.isdigit():
            ids[sort].append(int(rest))
    people = people_called(ids["staff"]) if ids["staff"] else {}
    programs = programs_called(ids["client"]) if ids["client"] else {}
    return {actor: _called(actor, people, programs) for actor in actors}


def _called(actor: str, people: dict[int, str], programs: dict[int, str]) -> str:
    sort, _colon, rest = actor.partition(":")
    if sort == "staff" and rest.isdigit():
        return people.get(int(rest), actor)
    if sort == "client" and rest.isdigit():
        return programs.get(int(rest), actor)
    return str({"system": SYSTEM, "customer": CUSTOMER}.get(sort, actor))
