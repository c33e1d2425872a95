"""What each act of a run does: it hands a batch of orders to the flow of that name."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from orderwright.flows._each import Answer
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.hold_orders import LiftHold, PutHold, hold_orders, lift_holds
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.tag_orders import PutTags, tag_orders
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid
from orderwright.lists.models import Act
from orderwright.orders import reasons
from orderwright.orders.noting import check_tag

TAGGED = (Act.TAG, Act.UNTAG)
REASONED = (Act.HOLD, Act.CANCEL)


def check(act: Act, words: Mapping[str, Any]) -> None:
    """Refuse a word that no order could be done with, before any is."""
    word = words.get("word", "")
    if act in TAGGED:
        if not word:
            raise Invalid(field="word", problem=_("a tag is needed"))
        check_tag(word)
    if act in REASONED:
        if not word:
            raise Invalid(field="word", problem=_("a reason is needed, such as customer_request"))
        reasons.check(word)


def act(act: Act, words: Mapping[str, Any], orders: Sequence[int], *, actor: Actor) -> list[Answer]:
    """Do it to these orders, each by itself; an answer for each."""
    flow, ask = ACTS[act]
    return flow([ask(order, words.get("word", "")) for order in orders], actor=actor)


ACTS: dict[Act, tuple[Callable[..., list[Answer]], Callable[[int, str], Any]]] = {
    Act.RELEASE: (release_orders, lambda order, word: Release(order)),
    Act.HOLD: (hold_orders, PutHold),
    Act.LIFT: (lift_holds, lambda order, word: LiftHold(order)),
    Act.TAG: (tag_orders, lambda order, word: PutTags(order, put_on=[word])),
    Act.UNTAG: (tag_orders, lambda order, word: PutTags(order, take_off=[word])),
    Act.CANCEL: (cancel_orders, Cancel),
}
