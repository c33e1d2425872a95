"""Who works here: letting people in, giving them roles and passwords, and letting them go.

What they do is recorded under `staff:<id>`; nobody is deleted, so that what was done keeps its name.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid, NotFound, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.staff.models import User
from orderwright.staff.roles import role


class Person(NamedTuple):
    """Somebody who works here, as a list shows them."""

    id: int
    name: str
    email: str
    role: str
    is_active: bool


class WorksHereAlready(Refusal):
    code = "works_here_already"
    sentence = _("Somebody with this e-mail address works here already.")


class LastOwner(Refusal):
    code = "last_owner"
    sentence = _("The shop needs one owner who can sign in. Make somebody else an owner first.")


class WeakPassword(Refusal):
    code = "weak_password"
    status = 422
    sentence = _("This password is not good enough: {problem}")


@transaction.atomic
def let_in(email: str, name: str, role_name: str, password: str, *, actor: Actor) -> Person:
    """Give somebody an account with a role.  They sign in by e-mail address and password."""
    email, name = _checked_email(email), _checked_name(name)
    role(role_name)
    user = User(username=email, email=email, first_name=name, role=role_name)
    user.password = _hashed(password, user)
    if User.objects.filter(username=email).exists():
        raise WorksHereAlready()
    user.save(force_insert=True)
    record([Happening("person.admitted", actor, {"person": user.pk, "role": role_name})])
    return person(user.pk)


@transaction.atomic
def give_role(person_id: int, role_name: str, *, actor: Actor) -> Person:
    """Give somebody another role, at once."""
    role(role_name)
    user = _locked(person_id)
    if user.role == role_name:
        return person(person_id)
    if user.role == "owner":
        _keep_an_owner(person_id)
    before, user.role = user.role, role_name
    user.save(update_fields=["role"])
    record([Happening("person.role_changed", actor, {"person": user.pk, "from": before, "to": role_name})])
    return person(person_id)


@transaction.atomic
def let_go(person_id: int, *, actor: Actor) -> Person:
    """End somebody's account: they are signed out everywhere with their next click."""
    user = _locked(person_id)
    if user.role == "owner":
        _keep_an_owner(person_id)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        record([Happening("person.account_closed", actor, {"person": user.pk})])
    return person(person_id)


@transaction.atomic
def take_back(person_id: int, *, actor: Actor) -> Person:
    """Let somebody who was let go sign in again."""
    user = _locked(person_id)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        record([Happening("person.account_reopened", actor, {"person": user.pk})])
    return person(person_id)


@transaction.atomic
def set_password(person_id: int, password: str, *, actor: Actor) -> None:
    """Set somebody's password; wherever they are signed in, they must sign in again."""
    user = _locked(person_id)
    user.password = _hashed(password, user)
    user.save(update_fields=["password"])
    record([Happening("person.password_changed", actor, {"person": user.pk})])


@transaction.atomic
def call(person_id: int, name: str, *, actor: Actor) -> Person:
    """Call somebody by another name; their acts keep up with it."""
    user, name = _locked(person_id), _checked_name(name)
    if user.first_name != name:
        user.first_name = name
        user.save(update_fields=["first_name"])
        record([Happening("person.renamed", actor, {"person": user.pk})])
    return person(person_id)


@transaction.atomic
def sign_out_everywhere(person_id: int, password: str, *, actor: Actor) -> None:
    """End all of somebody's sessions, by whoever knows their password: sessions end when it is salted anew."""
    user = _locked(person_id)
    user.password = make_password(password)
    user.save(update_fields=["password"])
    record([Happening("person.sessions_ended", actor, {"person": user.pk})])


@transaction.atomic
def set_ways(person_id: int, *, language: str, time_zone: str) -> None:
    """The language and the time zone that somebody works in; empty: the browser's, and the shop's."""
    user = _locked(person_id)
    user.language, user.time_zone = language, time_zone
    user.save(update_fields=["language", "time_zone"])


def person(person_id: int) -> Person:
    """Somebody by id.  Refused where there is nobody."""
    found = sql.rows(PERSON, [person_id])
    if not found:
        raise NotFound(thing="person", name=person_id)
    return Person(*found[0])


def people() -> list[Person]:
    """All who work or worked here, those who do first."""
    return [Person(*row) for row in sql.rows(PEOPLE)]


def names_of(person_ids: Sequence[int]) -> dict[int, str]:
    """What these people are called."""
    return dict(sql.rows(NAMES, [sql.ints(sorted(set(person_ids)))]))


def _locked(person_id: int) -> User:
    user = User.objects.select_for_update().filter(pk=person_id).first()
    if user is None:
        raise NotFound(thing="person", name=person_id)
    return user


def _keep_an_owner(leaving: int) -> None:
    """Refuse what would leave the shop without an owner; the owners are locked, so that two cannot leave at once."""
    owners = [row[0] for row in sql.rows(OWNERS)]
    if not [owner for owner in owners if owner != leaving]:
        raise LastOwner()


def _checked_email(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid(field="email", problem=" ".join(error.messages)) from error
    if len(email) > 150:
        raise Invalid(field="email", problem=str(_("at most 150 characters are possible")))
    return email


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 150 or "\x00" in name:
        raise Invalid(field="name", problem=str(_("one to 150 characters are needed")))
    return name


def _hashed(password: str, user: User) -> str:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(problem=" ".join(error.messages)) from error
    return make_password(password)


PERSON = "SELECT id, first_name, email, role, is_active FROM staff_user WHERE id = %s::bigint"

PEOPLE = "SELECT id, first_name, email, role, is_active FROM staff_user ORDER BY NOT is_active, first_name, id"

NAMES = "SELECT id, first_name FROM staff_user WHERE id = ANY (%s::bigint[])"

OWNERS = "SELECT id FROM staff_user WHERE role = 'owner' AND is_active ORDER BY id FOR UPDATE"
