"""What the stories of exceptions share: a clock that is set by hand, and what stands at a moment."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from builders import CLERK

from orderwright.exceptions import queries
from orderwright.exceptions.finding import KINDS
from orderwright.exceptions.kinds import Asked, Stands
from orderwright.exceptions.queries import Filters
from orderwright.exceptions.repairing import Repaired, repair
from orderwright.exceptions.sweeping import sweep_kind
from orderwright.kernel import clock

START = datetime(2026, 3, 2, 10, tzinfo=UTC)  # a Monday
MOMENT = timedelta(seconds=1)


def at(hours: float = 0, **more: float) -> AbstractContextManager[None]:
    """Stop the clock so long after the beginning of the story."""
    return clock.at(START + timedelta(hours=hours, **more))


def stand(code: str) -> list[Stands]:
    """The exceptions of a kind that stand, as the books have it at this moment."""
    sweep_kind(KINDS[code])
    return queries.listed(Filters([code]))


def subjects(code: str) -> list[str]:
    return [one.subject for one in stand(code)]


def begins(code: str, began: datetime) -> Stands:
    """It is no exception a moment before its time, and one exactly then, since it began; answers it."""
    span = timedelta(hours=KINDS[code].hours)
    due = began - span if KINDS[code].is_ahead else began + span
    with clock.at(due - MOMENT):
        assert subjects(code) == []
    with clock.at(due):
        (one,) = stand(code)
    assert one.since == (due if KINDS[code].is_ahead else began)
    assert one.cleared_at is None
    return one


def put_right(one: Stands, choice: str = "", **more: str) -> Repaired:
    """Repair it as somebody would by the API."""
    return repair(one.id, Asked(choice, **more), actor=CLERK)
