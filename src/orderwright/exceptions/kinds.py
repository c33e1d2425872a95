"""A kind of exception: what is wrong, how it is found, what to do next, and the flow that repairs it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal

Facts = dict[str, Any]


class ChoiceNeeds(Refusal):
    code = "choice_needs"
    status = 422
    sentence = _("To {choice}, {field} must be said.")


class Stands(NamedTuple):
    """An exception that stands."""

    id: int
    kind: str
    subject: str
    order_id: int | None
    order: str | None  # its number
    since: datetime
    appeared_at: datetime
    cleared_at: datetime | None
    facts: Facts
    owner: str
    note: str
    version: int


class Asked(NamedTuple):
    """How somebody wants an exception repaired: one of its kind's choices, and what that needs to know."""

    choice: str
    reason: str = ""
    package: str = ""
    location: str = ""
    amount: str = ""  # as it is written, in the order's currency


Repair = Callable[[Stands, Asked, Actor], Mapping[str, object]]


@dataclass(frozen=True)
class Choice:
    """A way to repair: the flow that does it, and the function here that calls it with what the exception is about.

    It answers what happened, and raises the flow's refusal where that says no.
    """

    code: str
    sentence: str | Promise
    flow: str  # the module that does it, below orderwright
    run: Repair
    needs: tuple[str, ...] = ()  # fields of Asked


@dataclass(frozen=True)
class Kind:
    """A kind of exception.

    `find` is a SELECT of `subject`, `order_id`, `since` and `facts` (jsonb), a row each.  Its parameters are `now`,
    `before` (what has been so since then is an exception) and `ahead` (what ends before then is one).
    """

    code: str
    about: str  # order, fulfilment order, shipment, package, tender, question, endpoint, letter …
    cause: str | Promise  # fields in braces are facts
    next_step: str | Promise
    hours: int  # how long it must have been so; of what is to come: how long before
    find: str
    choices: tuple[Choice, ...] = field(default=())
    is_ahead: bool = False  # it is about what will happen: its hours are counted before that

    def choice(self, code: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.code == code), None)


def need(asked: Asked, name: str) -> str:
    """What was said in a field that a choice needs."""
    said = str(getattr(asked, name))
    if not said:
        raise ChoiceNeeds(choice=asked.choice, field=name)
    return said
