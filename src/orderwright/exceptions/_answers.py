"""What the repairs have in common: one exception is about one thing, and its flow answers for that alone."""

from collections.abc import Sequence
from typing import TypeVar

from orderwright.exceptions.kinds import Stands
from orderwright.kernel.errors import Refusal

T = TypeVar("T")


def only(answers: Sequence[T | Refusal]) -> T:
    """The answer of a flow that was asked for one thing; its refusal is raised."""
    (answer,) = answers
    if isinstance(answer, Refusal):
        raise answer
    return answer


def order_of(one: Stands) -> int:
    """The order that an exception is about."""
    assert one.order_id is not None, one
    return one.order_id
