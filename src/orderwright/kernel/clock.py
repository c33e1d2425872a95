"""The only place that asks what time it is.

A replayed past keeps its times: inside `at(moment)` the clock stands still at `moment`, for this thread and what
it calls.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_stopped_at: ContextVar[datetime | None] = ContextVar("stopped_at", default=None)


def now() -> datetime:
    """The present moment in UTC, or the moment at which the clock was stopped."""
    return _stopped_at.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Stop the clock at `moment`, which must have a time zone."""
    assert moment.tzinfo is not None, moment
    token = _stopped_at.set(moment)
    try:
        yield
    finally:
        _stopped_at.reset(token)
