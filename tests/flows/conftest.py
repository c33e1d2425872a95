"""What the stories of flows share."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext


@pytest.fixture
def statements(db: None) -> Callable[[Callable[[], object]], int]:
    """How many SQL statements some work takes."""

    def count(work: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as captured:
            work()
        return len(captured)

    return count
